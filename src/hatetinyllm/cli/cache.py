"""`cache`: where downloads live, what is there, and how to be rid of it."""

from typing import Annotated

import typer

from hatetinyllm.cli.output import Json, out, say_json, table

cache = typer.Typer(no_args_is_help=True, help="The one folder where downloads live.")


@cache.command("list")
def list_(json: Json = False) -> None:
    """Show the folder and what it holds."""
    from hatetinyllm.data.cache import cache_folder, list_cache

    found = list(list_cache())
    if json:
        say_json({"folder": str(cache_folder()), "held": [vars(cached) for cached in found]})
        return
    out().print(f"{cache_folder()}  (HATETINYLLM_CACHE changes it)", markup=False)
    rows = [[cached.name, cached.files, f"{cached.size_bytes / 1e6:,.1f} MB"] for cached in found]
    out().print(table(["dataset", "files", "size"], rows, right=["files", "size"]) if rows else "it is empty")


@cache.command()
def clear(
    name: Annotated[str | None, typer.Argument(help="One folder of the cache; all of them unless given.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: Json = False,
) -> None:
    """Delete what was downloaded; consents stay."""
    from hatetinyllm.data.cache import cache_folder, clear_cache, list_cache
    from hatetinyllm.errors import UnknownName, did_you_mean

    held = [cached.name for cached in list_cache()]
    if name is not None and name not in held:
        raise UnknownName(f"the cache holds no {name!r} ({did_you_mean(name, held)})")
    if held and not yes and not json:
        typer.confirm(f"Delete {name or 'everything'} in {cache_folder()}?", abort=True, err=True)
    gone = clear_cache(name)
    if json:
        say_json({"deleted": [vars(cached) for cached in gone]})
    else:
        freed = sum(cached.size_bytes for cached in gone) / 1e6
        out().print(f"deleted {', '.join(cached.name for cached in gone) or 'nothing'} ({freed:,.1f} MB)")
