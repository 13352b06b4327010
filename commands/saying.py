"""How a command speaks: lines that are seen at once, whoever reads them."""


def say(line: str) -> None:
    print(line, flush=True)


def complain(sentences: list[str]) -> int:
    """Say each; the exit code is 1 when there was one."""
    for sentence in sentences:
        say(sentence)
    return 1 if sentences else 0
