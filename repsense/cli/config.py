"""``repsense config``: check a configuration, show the one that counts, write a commented one."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

_File = Annotated[
    Path | None,
    typer.Argument(
        metavar="[FILE]",
        help="The configuration file; without it the one that RepSense would use.",
        show_default=False,
    ),
]


@app.command()
def check(file: _File = None) -> None:
    """Say that a configuration is fine, or list everything wrong with it (exit code 2)."""
    from repsense.config import find_config, load_settings

    load_settings(file)
    found = find_config(file)
    if found is None:
        print("There is no configuration file: RepSense uses its defaults.")
    else:
        print(f"{found} is fine.")


@app.command()
def show(file: _File = None) -> None:
    """Print every setting as it counts now, with a remark where it is not the default."""
    from repsense.config import as_yaml, find_config, load_settings

    settings = load_settings(file)
    print(f"# From {find_config(file) or 'the defaults: there is no configuration file'}")
    print(as_yaml(settings), end="")


@app.command()
def init(
    file: Annotated[Path, typer.Argument(metavar="[FILE]", help="Where to write it.")] = Path(
        "config.yaml"
    ),
) -> None:
    """Write a configuration with every setting explained and at its default."""
    from repsense.bundled import bundled_path
    from repsense.errors import ConfigError

    text = bundled_path("config.yaml").read_text(encoding="utf-8")
    try:
        with file.open("x", encoding="utf-8") as target:
            target.write(text)
    except FileExistsError as error:
        raise ConfigError(
            f"{file} exists already and is left as it is: name another file, or move it away."
        ) from error
    except OSError as error:
        raise ConfigError(
            f"{file} cannot be written ({error.strerror}): check that its folder exists and is "
            f"writable."
        ) from error
    print(f"Wrote {file}. Check it after each change with: repsense config check {file}")
