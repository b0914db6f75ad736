//! The closed word lists of a manifest: each a type whose spelling stands in one place.

/// An enum whose values are the words of a manifest.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[doc = $vdoc:literal])+ $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[doc = $vdoc])+ $variant),+ }

        impl $name {
            /// Every value, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// Every word, in the same order.
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            /// The word that manifests and reports use.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// What it is, in a sentence.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => concat!($($vdoc),+).trim_ascii()),+ }
            }

            /// The value that a word means.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.word())
            }
        }
    };
}

words! {
    /// What kind of release this is.
    ReleaseType {
        /// Another model.
        ModelUpgrade = "model-upgrade",
        /// Another prompt.
        PromptRelease = "prompt-release",
        /// Other data.
        DataRelease = "data-release",
        /// A safety policy change.
        SafetyPatch = "safety-patch",
        /// Faster or cheaper.
        PerformancePatch = "performance-patch",
        /// An urgent repair.
        Hotfix = "hotfix",
    }
}

words! {
    /// How likely or bad a risk is, or how much of it is left.
    RiskLevel {
        /// Little.
        Low = "low",
        /// Some.
        Medium = "medium",
        /// Much.
        High = "high",
    }
}

words! {
    /// What is asked of the register of risks.
    RiskPolicy {
        /// What is declared holds; a review that is due warns.
        Warn = "warn",
        /// Every risk of NIST AI 600-1 stands in it, and no review is due.
        Require = "require",
    }
}

words! {
    /// How an evidence file is written.
    Format {
        /// The numbers of a run without its texts, as a bundle keeps them: a header, then an array a row.
        Numbers = "numbers",
        /// JUnit XML, of pytest, vitest, jest and others.
        Junit = "junit",
        /// `pytest --json-report`.
        PytestJson = "pytest-json",
        /// promptfoo: JSON, JSON Lines or CSV.
        Promptfoo = "promptfoo",
        /// pydantic-evals: an evaluation report as JSON.
        PydanticEvals = "pydantic-evals",
        /// LangSmith: the rows of `evaluate` as JSON, CSV or JSON Lines.
        LangSmith = "langsmith",
        /// Inspect AI: a log, `.eval` or `.json`.
        Inspect = "inspect",
        /// lm-evaluation-harness: samples or results.
        LmEval = "lm-eval",
        /// DeepEval: a test run, or the result of `evaluate` as JSON.
        DeepEval = "deepeval",
        /// Ragas: the data frame of a result as CSV, JSON Lines or JSON, or its scores.
        Ragas = "ragas",
        /// Braintrust: the result of `Eval` as JSON, or the lines of `braintrust eval --jsonl`.
        Braintrust = "braintrust",
        /// Arize Phoenix: an experiment as JSON or CSV.
        Phoenix = "phoenix",
        /// MLflow: the rows of `mlflow.genai.evaluate`, a run, or the metrics of `evaluate`.
        Mlflow = "mlflow",
        /// Langfuse: the result of `run_experiment` as JSON.
        Langfuse = "langfuse",
        /// Evidently: a report as JSON.
        Evidently = "evidently",
        /// evalite: `--outputPath`.
        Evalite = "evalite",
        /// vitest with `--reporter=json`, with the scores of vitest-evals where there are some.
        VitestEvals = "vitest-evals",
        /// Azure AI Evaluation: the output of `evaluate`.
        AzureAiEvaluation = "azure-ai-evaluation",
        /// Weave: the summary of an evaluation.
        Weave = "weave",
        /// HELM: the files of a run.
        Helm = "helm",
        /// OpenAI evals: a record file.
        OpenaiEvals = "openai-evals",
        /// garak: a report.
        Garak = "garak",
        /// SWE-bench: the report of a run.
        SweBench = "swe-bench",
        /// AlpacaEval: annotations, or a leaderboard.
        AlpacaEval = "alpaca-eval",
        /// TruLens: records as CSV or JSON Lines.
        TruLens = "trulens",
        /// OpenTelemetry: spans about generative AI, OTLP/JSON or of the console exporter.
        Otlp = "otlp",
        /// LiteLLM: spend logs of its proxy, as JSON Lines or JSON.
        LiteLlm = "litellm",
        /// locust: `--json`, or the statistics of `--csv`.
        Locust = "locust",
        /// GuideLLM: `benchmarks.json` or `benchmarks.csv`.
        GuideLlm = "guidellm",
        /// AIPerf: requests (`profile_export.jsonl`) or aggregates.
        AiPerf = "aiperf",
        /// autocannon: the summary of `-j`.
        Autocannon = "autocannon",
        /// hey: requests (`-o csv`) or the printed summary.
        Hey = "hey",
        /// wrk: the printed summary.
        Wrk = "wrk",
        /// ab (ApacheBench): its summary, the requests of `-g`, the percentiles of `-e`.
        Ab = "ab",
        /// k6: `--summary-export` or `handleSummary`; read from its documentation, not from a file that it wrote.
        K6 = "k6",
        /// `vllm bench serve --save-result`; read from its source, not from a file that it wrote.
        VllmBench = "vllm-bench",
        /// Counts of production records by time, release and signal, `relgate/counts/v1`: JSON Lines or CSV, for `monitoring` only.
        Counts = "counts",
        /// Per-sample JSON Lines: an object a line, optionally a header line first.
        Jsonl = "jsonl",
        /// One JSON list with an object a sample.
        JsonList = "json-list",
        /// Per-sample CSV: a header row, then a row a sample; commas, semicolons or tabs.
        Csv = "csv",
        /// A metrics file, JSON or YAML, flat or `relgate/metrics/v1`.
        Metrics = "metrics",
    }
}

words! {
    /// The six kinds of artifacts, by the key that holds them.
    ArtifactKind {
        /// Models.
        Models = "models",
        /// Prompts.
        Prompts = "prompts",
        /// Datasets.
        Datasets = "datasets",
        /// Safety policies.
        SafetyPolicies = "safety_policies",
        /// Inference configurations.
        InferenceConfigs = "inference_configs",
        /// Evaluation suites.
        EvalSuites = "eval_suites",
    }
}

impl ArtifactKind {
    /// One artifact of the kind, as reports name it.
    #[must_use]
    pub fn singular(self) -> &'static str {
        match self {
            Self::Models => "model",
            Self::Prompts => "prompt",
            Self::Datasets => "dataset",
            Self::SafetyPolicies => "safety_policy",
            Self::InferenceConfigs => "inference_config",
            Self::EvalSuites => "eval_suite",
        }
    }
}

words! {
    /// What a metric is about.
    Category {
        /// Whether the answers are good.
        Quality = "quality",
        /// Whether they do harm.
        Safety = "safety",
        /// Whether they stay good on disturbed input.
        Robustness = "robustness",
        /// How long they take.
        Latency = "latency",
        /// What they cost.
        Cost = "cost",
    }
}

words! {
    /// How traffic moves to a candidate.
    Strategy {
        /// A growing share of units.
        Canary = "canary",
        /// Both answer, and people get the stable release's answers.
        Shadow = "shadow",
        /// All at once, with the old release kept ready.
        BlueGreen = "blue-green",
        /// Two halves, to learn which is better.
        Ab = "ab",
        /// Cohorts that are named.
        Flag = "flag",
    }
}

words! {
    /// What weights are written to.
    TargetKind {
        /// `relgate/split/v1`, which two short functions read.
        File = "file",
        /// Whatever a command writes and another reads back.
        Command = "command",
        /// `split_clients` of nginx.
        Nginx = "nginx",
        /// A flag file of `OpenFeature`'s flagd.
        Flagd = "flagd",
        /// Weights of servers of `HAProxy`.
        Haproxy = "haproxy",
        /// Weights of deployments of `LiteLLM`'s proxy.
        Litellm = "litellm",
        /// A route of Kubernetes' Gateway API.
        Httproute = "httproute",
        /// The rollout of Argo.
        ArgoRollouts = "argo-rollouts",
    }
}

words! {
    /// Whether a signal has to be shown.
    Shown {
        /// A step ends only when it passed.
        Required = "required",
    }
}

words! {
    /// Which way a metric is good.
    Direction {
        /// Small values are good.
        Lower = "lower",
        /// Large values are good.
        Higher = "higher",
    }
}

words! {
    /// How a metric is made of its samples.
    MetricKind {
        /// The proportion of true samples.
        Rate = "rate",
        /// The arithmetic mean.
        Mean = "mean",
        /// The sum of `field` over the sum of `per`.
        Ratio = "ratio",
        /// BLEU of a text over all rows, as sacreBLEU has it.
        Bleu = "bleu",
        /// chrF or chrF++ of a text over all rows, as sacreBLEU has it.
        Chrf = "chrf",
        /// Translation edit rate of a text over all rows.
        Ter = "ter",
        /// ROUGE-1 of a text: the words that it shares with its reference.
        Rouge1 = "rouge-1",
        /// ROUGE-2 of a text: the pairs of words that it shares with its reference.
        Rouge2 = "rouge-2",
        /// ROUGE-L of a text: the words that it has in the order of its reference.
        RougeL = "rouge-l",
        /// ROUGE-L line by line, for summaries.
        RougeLsum = "rouge-lsum",
        /// Whether a text is one of its references, as `SQuAD` compares them.
        ExactMatch = "exact-match",
        /// F1 of the words that a text shares with a reference, in any order (`SQuAD`).
        TokenF1 = "token-f1",
        /// Whether a text is JSON.
        ValidJson = "valid-json",
        /// Whether a text is JSON that a schema describes.
        JsonSchema = "json-schema",
        /// Whether a part of a text fits a regular expression.
        Regex = "regex",
        /// How long a text is.
        Length = "length",
        /// The mean of people's ratings on a scale.
        Rating = "rating",
        /// How often one of two versions is preferred.
        WinRate = "win-rate",
        /// How far raters agree beyond chance (kappa, Krippendorff's alpha).
        Agreement = "agreement",
        /// The chance to be preferred, by the strengths of several versions (Bradley-Terry).
        BradleyTerry = "bradley-terry",
    }
}

impl MetricKind {
    /// Whether it is made of a text and not of a number or a truth of the row.
    #[must_use]
    pub fn is_of_texts(self) -> bool {
        !matches!(
            self,
            Self::Rate
                | Self::Mean
                | Self::Ratio
                | Self::Rating
                | Self::WinRate
                | Self::Agreement
                | Self::BradleyTerry
        )
    }
}

words! {
    /// How BLEU cuts a text into words, by the names of sacreBLEU.
    Tokenize {
        /// mteval-v13a.
        Western = "13a",
        /// mteval-v14, for all marks and symbols of Unicode.
        International = "intl",
        /// Chinese characters one by one.
        Chinese = "zh",
        /// Single characters.
        Characters = "char",
        /// White space alone.
        Spaces = "none",
    }
}

words! {
    /// What BLEU makes of a length without a match.
    Smooth {
        /// Half of what the length before would count.
        Exponential = "exp",
        /// A fixed count.
        Floor = "floor",
        /// A count added everywhere.
        AddK = "add-k",
        /// Nothing: the figure is 0.
        None = "none",
    }
}

words! {
    /// Which figure of ROUGE is judged.
    RougePart {
        /// The harmonic mean of both.
        F = "f",
        /// The share of the answer that stands in the reference.
        Precision = "precision",
        /// The share of the reference that stands in the answer.
        Recall = "recall",
    }
}

words! {
    /// What an answer without words is worth where its reference has none either.
    EmptyAnswers {
        /// Everything (`SQuAD` 2.0).
        Match = "match",
        /// Nothing (`SQuAD` 1.1).
        Miss = "miss",
    }
}

words! {
    /// What a length counts.
    LengthUnit {
        /// Code points.
        Characters = "characters",
        /// What stands between white space.
        Words = "words",
        /// Bytes of UTF-8.
        Bytes = "bytes",
    }
}

words! {
    /// How the rows of a file of references are found.
    Aligned {
        /// By their id.
        Id = "id",
        /// By their number.
        Line = "line",
    }
}

words! {
    /// What a gate's outcome does to the release.
    Enforcement {
        /// Anything but a pass stops the release.
        Block = "block",
        /// The outcome is shown and changes nothing.
        Warn = "warn",
    }
}

words! {
    /// What becomes of a number that comes without its uncertainty.
    PointEstimates {
        /// It is inconclusive.
        Refuse = "refuse",
        /// It is judged at face value, and every output says so.
        Accept = "accept",
    }
}

words! {
    /// Whether evidence must say which artifacts it was made with.
    Binding {
        /// A warning where it does not.
        Warn = "warn",
        /// An error where it does not.
        Require = "require",
    }
}

words! {
    /// What a dataset is for; rows of different roles may not be the same.
    DatasetRole {
        /// Models are trained on it.
        Train = "train",
        /// Releases are evaluated on it; it does not ship.
        Eval = "eval",
        /// A release looks answers up in it.
        Retrieval = "retrieval",
    }
}

words! {
    /// What becomes of a change since the baseline that lets more through.
    LooserChanges {
        /// They are counted and shown.
        Warn = "warn",
        /// The built-in gate `looser-changes` fails.
        Block = "block",
    }
}

words! {
    /// What becomes of a model that may change behind the same name.
    UnpinnedModels {
        /// A warning.
        Warn = "warn",
        /// An error.
        Refuse = "refuse",
    }
}

words! {
    /// How the agreement of raters is measured.
    Statistic {
        /// Krippendorff's alpha of names.
        KrippendorffNominal = "krippendorff-nominal",
        /// Krippendorff's alpha of ranks.
        KrippendorffOrdinal = "krippendorff-ordinal",
        /// Krippendorff's alpha of numbers.
        KrippendorffInterval = "krippendorff-interval",
        /// Cohen's kappa of two raters.
        Cohen = "cohen",
        /// The same, disagreements weighed by their distance.
        CohenLinear = "cohen-linear",
        /// The same, by its square.
        CohenQuadratic = "cohen-quadratic",
        /// Fleiss' kappa of as many raters for every item.
        Fleiss = "fleiss",
    }
}

words! {
    /// What a tie of two versions counts as.
    Ties {
        /// Half a win.
        Half = "half",
        /// No win.
        Lost = "lost",
    }
}

impl Statistic {
    /// Whether it is of names, which have no order and no distance.
    #[must_use]
    pub fn is_of_names(self) -> bool {
        matches!(self, Self::KrippendorffNominal | Self::Cohen | Self::Fleiss)
    }
}
