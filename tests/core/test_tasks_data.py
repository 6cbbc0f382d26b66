"""Tasks on data that come with the app: what is held out stays out, and answers are those of the files."""

import csv
from pathlib import Path

import numpy as np
import pytest
import torch

from gru_core.tasks.digits import Digits, read_digits
from gru_core.tasks.sentiment import UNKNOWN, Sentiment, words_of


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def rows(repository: Path) -> list[dict[str, str]]:
    with (repository / "assets" / "data" / "sentiment.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def part(rows: list[dict[str, str]], name: str) -> dict[str, str]:
    """Sentence -> label of one part."""
    return {row["sentence"]: row["label"] for row in rows if row["part"] == name}


def edits(one: list[str], other: list[str]) -> int:
    """Fewest words to put in, leave out or exchange to get from one sentence to the other."""
    before = list(range(len(other) + 1))
    for i, word in enumerate(one, 1):
        now = [i]
        for j, wanted in enumerate(other, 1):
            now.append(min(before[j] + 1, now[-1] + 1, before[j - 1] + (word != wanted)))
        before = now
    return before[-1]


def test_the_sentences_are_many_balanced_and_held_out_ones_are_not_near_copies(rows) -> None:
    learn, held_out = part(rows, "learn"), part(rows, "held out")
    assert (len(learn), len(held_out)) == (400, 120)
    assert len(learn) + len(held_out) == len(rows) == len({row["sentence"] for row in rows})
    for sentences in (learn, held_out):
        assert sorted(set(sentences.values())) == ["negative", "positive"]
        assert 2 * sum(label == "positive" for label in sentences.values()) == len(sentences)
    known = [sentence.split() for sentence in learn]
    assert min(edits(sentence.split(), other) for sentence in held_out for other in known) >= 3
    assert all(sentence == sentence.lower() for sentence in (*learn, *held_out))
    turns = [sentence for sentence in held_out if {"but", "although", "though"} & set(sentence.split())]
    denials = [s for s in held_out if {"not", "never", "nobody", "nothing", "no"} & set(s.split())]
    assert len(turns) >= 40
    assert len(denials) >= 25


def test_words_do_not_give_the_answer_away_but_their_order_does(rows) -> None:
    """Of the sentences with a but, the same words stand in sentences of both labels."""
    learn = part(rows, "learn")
    mirrored = 0
    for sentence, label in learn.items():
        before, turned, after = sentence.partition(" but ")
        if turned and learn.get(f"{after} but {before}", label) != label:
            mirrored += 1
    assert mirrored >= 20


def read_back(task: Sentiment, x: torch.Tensor) -> list[str]:
    return [task.encoder.vocabulary[i] for i in x.argmax(dim=-1).tolist()]


def test_sentences_are_asked_at_their_last_word_and_empty_after_it(rows) -> None:
    task, learn = Sentiment(), part(rows, "learn")
    known = {tuple(s.split()): label for s, label in learn.items()}
    forgotten = words = 0
    for seed in range(20):
        batch = task.batch(32, seeded(seed))
        assert batch.x.shape[1] <= task.steps
        assert bool(batch.mask[:, -1].any())
        for x, target, mask in zip(batch.x, batch.target, batch.mask, strict=True):
            (last,) = mask.nonzero().flatten().tolist()
            assert torch.equal(x.sum(dim=-1) == 1, torch.arange(len(x)) <= last)
            read = read_back(task, x[: last + 1])
            answer = task.outputs[int(target[last])]
            fitting = [
                label
                for sentence, label in known.items()
                if len(sentence) == len(read)
                and all(r in (w, UNKNOWN) for r, w in zip(read, sentence, strict=True))
            ]
            assert answer in fitting
            forgotten += read.count(UNKNOWN)
            words += len(read)
    once = {word for word in " ".join(learn).split() if " ".join(learn).split().count(word) == 1}
    rare = sum(word in once for word in " ".join(learn).split()) / len(" ".join(learn).split())
    assert forgotten / words == pytest.approx(rare + 0.1 * (1 - rare), abs=0.02)


def test_every_held_out_sentence_is_scored_once_and_none_is_learned_from(rows) -> None:
    task, held_out = Sentiment(), part(rows, "held out")
    batch = task.held_out(7, seeded(0))
    again = task.held_out(64, seeded(5))
    assert torch.equal(batch.x, again.x)
    lengths = batch.mask.int().argmax(dim=1) + 1
    assert lengths.tolist() == sorted((len(s.split()) for s in held_out), reverse=True)
    assert batch.mask.sum(dim=1).tolist() == [1] * 120
    read = {
        (" ".join(read_back(task, x[:length])), task.outputs[int(target[length - 1])])
        for x, length, target in zip(batch.x, lengths, batch.target, strict=True)
    }
    assert read == {(" ".join(words_of(sentence)), label) for sentence, label in held_out.items()}
    # An answer after the end of a sentence changes nothing: only asked steps are scored.
    right = torch.nn.functional.one_hot(batch.target, 2).float()
    wrong_elsewhere = torch.where(batch.mask[..., None], right, 1 - right)
    assert task.score(wrong_elsewhere, batch.target, batch.mask) == 1
    assert task.score(1 - wrong_elsewhere, batch.target, batch.mask) == 0
    assert task.score(torch.tensor([1.0, 0.0]).expand_as(right), batch.target, batch.mask) == task.chance


def test_the_vocabulary_is_what_occurs_twice_in_what_is_learned_from(rows) -> None:
    words = " ".join(part(rows, "learn")).split()
    assert Sentiment().encoder.vocabulary == (
        UNKNOWN,
        *sorted(word for word in set(words) if words.count(word) >= 2),
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The food was GOOD!", ["the", "food", "was", "good"]),
        ("I don't like it, but we’ll stay.", ["i", "do", "not", "like", "it", "but", "we", "ll", "stay"]),
        ("It wasn't bad", ["it", "was", "not", "bad"]),
        ("I can't recommend xylophones", ["i", "cannot", "recommend", UNKNOWN]),
        ("...42", []),
    ],
)
def test_any_text_becomes_words_the_model_knows(text: str, words: list[str]) -> None:
    task = Sentiment()
    expected = [word if word in task.encoder.vocabulary else UNKNOWN for word in words]
    assert list(words_of(text)) == expected
    assert all(word in task.encoder.vocabulary for word in words_of(text))


def test_the_digits_are_the_published_ones_and_fit_their_description() -> None:
    images, labels = read_digits()
    assert (images.shape, images.dtype, labels.shape) == ((1797, 8, 8), np.uint8, (1797,))
    assert (int(images.min()), int(images.max())) == (0, 16)
    # What UCI states of its test part, class by class.
    assert np.bincount(labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert images[0, 0].tolist() == [0, 0, 5, 13, 9, 1, 0, 0]
    assert not images.flags.writeable


def test_digits_are_learned_from_the_first_1437_images_and_scored_on_the_last_360() -> None:
    task = Digits()
    images, labels = read_digits()
    known = {image.tobytes(): int(label) for image, label in zip(images[:-360], labels[:-360], strict=True)}
    assert not known.keys() & {image.tobytes() for image in images[-360:]}
    seen = set()
    for seed in range(40):
        batch = task.batch(100, seeded(seed))
        assert batch.mask.tolist() == [[False] * 7 + [True]] * 100
        pixels = (batch.x * torch.tensor(task.encoder.std) + torch.tensor(task.encoder.mean)).round()
        for image, target in zip(pixels.numpy().astype(np.uint8), batch.target[:, -1].tolist(), strict=True):
            assert known[image.tobytes()] == target
            seen.add(image.tobytes())
    assert len(seen) > 1200
    held_out = task.held_out(1, seeded(0))
    pixels = (held_out.x * torch.tensor(task.encoder.std) + torch.tensor(task.encoder.mean)).round()
    assert np.array_equal(pixels.numpy(), images[-360:])
    assert held_out.target[:, 3].tolist() == labels[-360:].tolist()


def test_chance_of_the_digits_is_what_naming_the_commonest_scores() -> None:
    task, labels = Digits(), read_digits()[1]
    counts = [sum(label == digit for label in labels[:-360].tolist()) for digit in range(10)]
    commonest = counts.index(max(counts))
    assert task.guess == f"always {commonest}, the commonest digit"
    guess = torch.zeros(360, 8, 10)
    guess[..., commonest] = 1
    batch = task.held_out(360, seeded(0))
    assert task.score(guess, batch.target, batch.mask) == pytest.approx(task.chance, abs=1e-9)
    assert task.chance == pytest.approx(0.1, abs=0.01)


def test_examples_of_real_data_are_held_out_and_have_the_answers_of_the_files(rows) -> None:
    images, labels = read_digits()
    held_out = {
        image.tobytes(): str(label) for image, label in zip(images[-360:], labels[-360:], strict=True)
    }
    shown = Digits().examples()
    assert {example.target[-1] for example in shown} == set("0123456789")
    for example in shown:
        assert held_out[np.array(example.values, dtype=np.uint8).tobytes()] == example.target[-1]
        assert set(example.target[:-1]) == {""}
    sentences = part(rows, "held out")
    for example in Sentiment().examples():
        sentence = example.title.strip("“”")
        assert example.labels == words_of(sentence)
        assert example.target == ("",) * (len(example.labels) - 1) + (sentences[sentence],)


def test_an_example_in_words() -> None:
    assert Sentiment().in_words() == (
        "It reads “the bed was comfortable but very dirty”, 7 words, one at a time. It is asked once, after "
        "the last: the right answer is negative."
    )
    words, values = Digits().in_words(), Digits().examples()[0].values
    assert values is not None
    assert " ".join(f"{pixel:.0f}" for pixel in values[0]) in words
    assert words.endswith("the right answer is the digit in the picture, 3.")


def test_the_readme_of_the_data_names_every_file_with_source_and_licence(repository: Path) -> None:
    folder = repository / "assets" / "data"
    text = (folder / "README.md").read_text(encoding="utf-8")
    for file in folder.iterdir():
        if file.name != "README.md":
            said = text.split(f"## {file.name}\n")[1].split("\n## ")[0]
            assert said.count("**Source**") == said.count("**Licence**") == 1, file.name
    assert "CC BY 4.0" in text
    assert "10.24432/C50P49" in text
