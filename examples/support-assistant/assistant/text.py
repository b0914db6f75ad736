"""Words, sentences and tokens. The assistant and the graders must agree on these, so they live in one place."""

import re
import unicodedata

WORD = re.compile(r"\w+")
TOKEN = re.compile(r"\w{1,6}|[^\w\s]")
SENTENCE_END = re.compile(r"(?<=[.!?])\s+")

STOP_WORDS = {
    "en": """
        a an and are as at be been but by can could did do does for from get got had has have hello hi hey how i if in
        is it its just me my of on or our please so than thank thanks that the their them then there they this to us
        was we what when where which who why will with would you your am any also about should need want know tell say
        may must let question quick help much many long there's i'm i've it's find take takes often come comes go goes
        end now yet still even picked sorry done possible lol
    """,
    "de": """
        aber als am an auch auf aus bei bin bis bitte da danke dann das dass dein dem den der des die dies diese
        dieser doch du ein eine einem einen einer es etwas euch euer eure für gibt habe haben hallo hat hätte ich ihr
        ihre ihren ihrer im in ist ja kann kannst könnt können man mein meine meinem meinen meiner mich mir mit muss
        müssen nach nicht noch nun nur oder schon sehr sein sich sie sind so soll sollte um und uns von vor wann war
        was wenn wer werden wie wieso will wir wird wo woher wohin worden wurde würde zu zum zur über frage kurze kurz
        hilfe mal viel viele lange guten tag lang finde bekomme bekommt hoch möchte geht warum welche welcher welchen
        welchem brauche brauchen kommt ab tun eigentlich teuer oft funktioniert haha
    """,
    "es": """
        a al algo ante antes aquí como cómo con cuál cuáles cuando cuándo cuánto cuánta cuántos cuántas cuesta de del
        desde donde dónde dos el ella ello en entre era es esa ese eso esta está están este esto fue gracias ha hace
        hacer haber han hasta hay he hola la las le les lo los me mi mis muy más necesito no nos o os para pero poder
        por porque pregunta puede puedo pueden que qué quién quiero se ser si sí sin sobre son su sus también te tengo
        tiene tienen tu tus un una unas uno unos usted vuestro vuestra y ya yo favor saber rápida debo hago tarda
        hacen encuentro recibo cuantas cuanto vez todavía jaja
    """,
}


def fold(text):
    """Lower case without accents, so that "Rückgabe", "RUCKGABE" and "rückgabe" meet."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


FOLDED_STOP_WORDS = {lang: frozenset(fold(word) for word in words.split()) for lang, words in STOP_WORDS.items()}


def words(text):
    """The folded words of a text, in order."""
    return WORD.findall(fold(text))


def content_words(text, lang):
    """The words that carry meaning: no function words, no single letters."""
    stop_words = FOLDED_STOP_WORDS[lang]
    return [word for word in words(text) if word not in stop_words and (len(word) > 1 or word.isdigit())]


def sentences(text):
    """A paragraph cut after its full stops, question marks and exclamation marks."""
    return [part.strip() for line in text.splitlines() for part in SENTENCE_END.split(line) if part.strip()]


def tokens(text):
    """A stand-in for a model's tokenizer: pieces of up to six letters, and every punctuation mark."""
    return TOKEN.findall(text)


def truncate(text, limit):
    """The longest prefix of `text` that has at most `limit` tokens."""
    for count, match in enumerate(TOKEN.finditer(text)):
        if count == limit:
            return text[: match.start()].rstrip()
    return text
