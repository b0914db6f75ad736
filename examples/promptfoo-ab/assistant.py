"""The assistant of the shop, as a provider of promptfoo: it answers from the help pages, and always the same."""

import re
import zlib

HELP = {
    "return a parcel": "You can return a parcel within 30 days. Please use the label that came with it.",
    "sending a return": "For a return within the country we pay. From abroad it costs 9 euros.",
    "sale item": "A sale item is sold as it is. You may exchange it within 30 days, but there is no refund.",
    "refund": "Your refund arrives within 5 working days. It is paid the way you paid.",
    "delivery take": "Delivery takes 3 working days. You get a message when the parcel leaves us.",
    "delivery abroad": "Delivery abroad costs 9 euros. It takes 8 working days.",
    "pay by": "You can pay by card, on delivery or by invoice. An invoice is due after 14 days.",
    "address": "Open the settings of your account to change your address. A parcel on its way keeps the old one.",
    "cancel": "You can cancel an order for 1 hour. Afterwards please send it back.",
    "guarantee": "Every lamp has a guarantee of 2 years. Keep the receipt.",
    "repair": "We repair lamps in our own workshop. That takes about two weeks.",
    "delete my account": "Write to privacy, and we delete your account. Invoices are kept for ten years, as the law asks.",
}
PRICE_SENT, PRICE_WRITTEN = 0.000002, 0.000008
# In this share of its answers the assistant is in a hurry and keeps one sentence of two, whatever the prompt says.
HASTY_OF_100 = 2


def call_api(prompt, options, context):
    question = context["vars"]["question"]
    page = next((text for words, text in HELP.items() if words in question), "Please ask our staff.")
    sentences = re.split(r"(?<=\.) ", page)
    if "one sentence" in prompt:
        sentences = sentences[:1] if "sale item" not in question or zlib.crc32(question.encode()) % 3 == 0 else sentences[1:]
    elif zlib.crc32(question.encode()) % 100 < HASTY_OF_100:
        sentences = sentences[1:]
    output = " ".join(sentences)
    sent, written = len(prompt.split()) * 4 // 3, len(output.split()) * 4 // 3
    return {
        "output": output,
        "tokenUsage": {"total": sent + written, "prompt": sent, "completion": written},
        "cost": sent * PRICE_SENT + written * PRICE_WRITTEN,
    }
