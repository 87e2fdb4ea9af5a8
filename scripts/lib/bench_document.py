"""The tables in docs/PERFORMANCE.md, replaced by the measurement that made them and by nothing else."""

from console import cell
from local_aws import NotStarted

BEGIN = "<!-- measured: begin -->"
END = "<!-- measured: end -->"


def write_tables(path, report, *tables):
    """Puts the report between the marks of the document at `path`. `tables` are headers and rows in turn."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    with open(path, "w", encoding="utf-8") as file:
        file.write(replaced(text, [provenance(report), *map(markdown, tables[::2], tables[1::2])]))


def replaced(text, blocks):
    """The text with the blocks between its marks."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise NotStarted(f"the document has no marks: {BEGIN} and {END}")
    return before + BEGIN + "\n" + "\n\n".join(blocks) + "\n" + END + after


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
