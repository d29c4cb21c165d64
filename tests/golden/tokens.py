"""Word pieces and character offsets as transformers' fast BERT tokenizer gives them.

Usage: python tokens.py OUT ENCODER_FOLDER SENTENCES_FILE

ENCODER_FOLDER holds tokenizer.json or vocab.txt, and tokenizer_config.json where there is one. SENTENCES_FILE holds a
sentence a line; when its name ends in .jsonl, a JSON string a line. OUT gets a JSON object for each:

    {"sentence": ..., "text": {"ids": [...], "offsets": [[start, end], ...]},
     "words": {"ids": [...], "offsets": [...], "words": [...]}}

`text` is the sentence as running text, `words` the sentence split at single spaces, its offsets counted from the start of
each word and `words` the word of each piece. No special tokens, no padding, no truncation.
"""
import json
import sys
from pathlib import Path

from transformers import BertTokenizerFast


def sentences(path):
    # Only "\n" ends a line: a sentence may hold any other character that Unicode takes for a line's end.
    lines = Path(path).read_bytes().decode("utf-8").split("\n")
    lines = [line for line in lines if line]
    return [json.loads(line) for line in lines] if path.endswith(".jsonl") else lines


def main(out, folder, path):
    tokenizer = BertTokenizerFast.from_pretrained(folder)
    with open(out, "w", encoding="utf-8", newline="\n") as file:
        for sentence in sentences(path):
            options = dict(add_special_tokens=False, return_offsets_mapping=True, truncation=False, padding=False)
            text = tokenizer(sentence, **options)
            words = tokenizer(sentence.split(" "), is_split_into_words=True, **options)
            row = {
                "sentence": sentence,
                "text": {"ids": text["input_ids"], "offsets": text["offset_mapping"]},
                "words": {"ids": words["input_ids"], "offsets": words["offset_mapping"], "words": words.word_ids()},
            }
            file.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
