"""The tables in docs/PERFORMANCE.md, replaced by the measurement that made them and by nothing else."""

from console import cell
from local_aws import NotStarted


def write_tables(path, report, *tables):
    """Puts the report between the marks of the document at `path`. `tables` are headers and rows in turn."""
    replace_in(path, [provenance(report), *map(markdown, tables[::2], tables[1::2])], "measured")


def replaced(text, blocks, name="measured"):
    """The text with the blocks between the marks of this name."""
    first, last = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, begin, rest = text.partition(first)
    _, end, after = rest.partition(last)
    if not begin or not end:
        raise NotStarted(f"the document has no marks: {first} and {last}")
    return before + first + "\n" + "\n\n".join(blocks) + "\n" + last + after


def replace_in(path, blocks, name):
    """The same in a file."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    with open(path, "w", encoding="utf-8") as file:
        file.write(replaced(text, blocks, name))


def provenance(report):
    machine, options = report["machine"], report["options"]
    return (
        f"Made by `scripts/bench runtime --rounds {options['rounds']} --calls {options['calls']}` on "
        f"{machine['cores']} cores of {machine['cpu']}, Linux {machine['kernel']}, {machine['swift']}, "
        f"{machine['libcurl']}, {machine['openssl'].split('(')[0].strip()}."
    )


def markdown(header, rows):
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cell(value) for value in line) + " |" for line in lines)
