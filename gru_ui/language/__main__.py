"""`make locale`: brings the catalogues up to date with what the app says, and tells what is left to do."""

from gru_ui.language.catalogue import LANGUAGES
from gru_ui.language.messages import TEMPLATE, faults, template, updated, write


def main() -> int:
    """Write the template and every catalogue; return 1 where a translation is missing or stale."""
    write(template(), TEMPLATE)
    left = 0
    for language in LANGUAGES.values():
        if not language.folder:
            continue
        write(updated(language), language.file)
        lines = faults(language)
        left += len(lines)
        print("\n".join([*lines, f"{language.name}: {len(lines)} to do in {language.file.name}"]))
    return 1 if left else 0


if __name__ == "__main__":
    raise SystemExit(main())
