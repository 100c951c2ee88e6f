"""How hard a text is to read: the Flesch-Kincaid grade, and the age it stands for.

    grade = 0.39 words / sentences + 11.8 syllables / words - 15.59
    reading age = grade + 5

Kincaid, Fishburne, Rogers and Chissom (1975), Derivation of new readability formulas for Navy
enlisted personnel. Syllables are counted by groups of vowels, less those that are silent.
"""

import re

_WORD = re.compile(r"[A-Za-z][A-Za-z'’]*|\d[\d,.]*")
_VOWELS = re.compile(r"[aeiouy]+")


def syllables(word: str) -> int:
    """Return about how many syllables a word has; a number counts as one word of two."""
    if word[0].isdigit():
        return 2
    text = word.lower().replace("’", "").replace("'", "")
    count = len(_VOWELS.findall(text))
    silent = text.endswith("e") and not re.search(r"[^aeiouy]le$", text)
    past = re.search(r"[^aeiouytd]ed$", text)
    plural = re.search(r"[^aeiouysxzhcg]es$", text)
    if count > 1 and (silent or past or plural):
        count -= 1
    return max(count, 1)


def grade(sentences: list[str]) -> float:
    """Return the Flesch-Kincaid grade of sentences."""
    words = [word for sentence in sentences for word in _WORD.findall(sentence)]
    each = sum(map(syllables, words)) / len(words)
    return 0.39 * len(words) / len(sentences) + 11.8 * each - 15.59


def reading_age(sentences: list[str]) -> float:
    """Return the age at which most people read sentences with ease."""
    return grade(sentences) + 5
