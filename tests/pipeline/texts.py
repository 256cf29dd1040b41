"""Letters to a shop, of three kinds, made of words that fit the kind and some that do not."""

from __future__ import annotations

import numpy as np

from pipeline.workspace import HEADER, ZERO, common, training

_WORDS = {
    "billing": "invoice charged twice refund card payment amount bank wrong euro",
    "delivery": "parcel late courier tracking address arrived door waiting lost date",
    "returns": "send back size broken exchange label colour does fit swap",
}
_FILLER = ["hello", "please", "the", "my", "order", "thank", "you", "today", "again", "help"]


def letters(rows: int = 240, seed: int = 4) -> list[tuple[str, str, str]]:
    """Subject, body and kind of each letter; a tenth is of another kind than it sounds."""
    draw = np.random.RandomState(seed)
    found = []
    for _ in range(rows):
        kind = draw.choice(list(_WORDS), p=[0.5, 0.3, 0.2])
        words = [*draw.choice(_WORDS[kind].split(), 6), *draw.choice(_FILLER, 8)]
        draw.shuffle(words)
        subject = " ".join(draw.choice([*_WORDS[kind].split(), *_FILLER], 3))
        said = draw.choice(list(_WORDS)) if draw.rand() < 0.1 else kind
        found.append((subject, " ".join(words).capitalize() + ".", str(said)))
    return found


def table() -> str:
    """The letters as CSV."""
    lines = [f"{subject},{body},{kind}" for subject, body, kind in letters()]
    return "\n".join(["subject,body,kind", *lines]) + "\n"


_VECTORIZER = "sklearn.feature_extraction.text.TfidfVectorizer"
METRICS = (
    "accuracy_score, balanced_accuracy, precision_macro, recall_macro, f1_macro, roc_auc_ovr,"
    " log_loss, f1_score"
)
LETTERS = {
    **common("letters", "text-classification"),
    "letters.csv": table(),
    "data.yaml": f"""\
{HEADER}Data
datasets:
  - name: letters
    source: {{type: file, path: letters.csv}}
    digest: {ZERO}
    columns:
      - {{name: subject, type: string}}
      - {{name: body, type: string}}
      - {{name: kind, type: string}}
    expectations:
      - type: expect_column_value_lengths_to_be_between
        kwargs: {{column: body, min_value: 20, max_value: 500}}
target: kind
split: {{strategy: stratified, test_fraction: 0.3, random_seed: 7}}
""",
    "features.yaml": f"""\
{HEADER}Features
features:
  - name: subject_words
    version: 1
    owner: team-tests
    inputs: [subject]
    transform: {{type: sklearn, class: {_VECTORIZER}}}
  - name: body_words
    version: 1
    owner: team-tests
    inputs: [body]
    transform:
      type: sklearn
      class: {_VECTORIZER}
      parameters: {{ngram_range: [1, 2], sublinear_tf: true}}
""",
    "training.yaml": training(
        "text-classification", "sklearn.linear_model.LogisticRegression", {"C": 10.0}
    ),
    "evaluation.yaml": f"""\
{HEADER}Evaluation
metrics:
  - {{name: f1_macro, threshold: 0.7, greater_is_better: true, min_absolute_change: -0.05}}
  - {{name: roc_auc_ovr, greater_is_better: true}}
  - {{name: log_loss, greater_is_better: false}}
  - {{name: accuracy_score, greater_is_better: true, slice: {{column: kind, value: billing}}}}
confidence: {{resamples: 200, random_seed: 1}}
""",
}
