"""Where the web pages of a repository show one commit, and what lies between two of them."""

from urllib.parse import SplitResult, quote, urlsplit


def commit_address(repository_url: str, sha: str) -> str:
    """The commit's own page, never the repository's first one; "" without a repository or a commit."""
    place = _place(repository_url) if sha else None
    if place is None:
        return ""
    if _is_codecommit(place):
        return f"{_codecommit(place)}/commit/{sha}{_region(place)}"
    return f"{_root(place)}{_of_host(place, commit=True)}/{sha}"


def compare_address(repository_url: str, old: str, new: str) -> str:
    """What `new` has that `old` had not; "" where one is unknown, or both are the same commit."""
    place = _place(repository_url) if old and new and old != new else None
    if place is None:
        return ""
    if _is_codecommit(place):
        return f"{_codecommit(place)}/compare/{old}/.../{new}{_region(place)}"
    if _is_bitbucket(place):
        return f"{_root(place)}/branches/compare/{new}%0D{old}"
    if _is_azure(place):
        return f"{_root(place)}/branchCompare?baseVersion=GC{old}&targetVersion=GC{new}"
    return f"{_root(place)}{_of_host(place, commit=False)}/{old}...{new}"


def _place(url: str) -> SplitResult | None:
    try:
        place = urlsplit(url)
    except ValueError:
        return None
    return place if place.scheme in ("http", "https") and place.netloc else None


def _root(place: SplitResult) -> str:
    """Without what clones and branches have after the repository's name."""
    path = place.path
    for after in ("/-/", "/tree/", "/src/"):
        path = path.partition(after)[0]
    return f"{place.scheme}://{place.netloc}{path.rstrip('/').removesuffix('.git')}"


def _of_host(place: SplitResult, *, commit: bool) -> str:
    """As GitHub, Gitea and Forgejo have it, unless the host says that it is another."""
    if _is_bitbucket(place):
        return "/commits"
    return ("/-" if "gitlab" in place.netloc else "") + ("/commit" if commit else "/compare")


def _is_bitbucket(place: SplitResult) -> bool:
    return "bitbucket" in place.netloc


def _is_azure(place: SplitResult) -> bool:
    return "/_git/" in place.path


def _is_codecommit(place: SplitResult) -> bool:
    return "/codecommit/repositories/" in place.path or place.netloc.startswith("git-codecommit.")


def _codecommit(place: SplitResult) -> str:
    """In the console, also for the address that one clones from."""
    if "/codecommit/repositories/" in place.path:
        before, _, after = place.path.partition("/codecommit/repositories/")
        return f"{place.scheme}://{place.netloc}{before}/codecommit/repositories/{after.partition('/')[0]}"
    name, region = place.path.rstrip("/").rpartition("/")[2], _cloned_from(place)
    return f"https://{region}.console.aws.amazon.com/codesuite/codecommit/repositories/{quote(name)}"


def _region(place: SplitResult) -> str:
    if place.netloc.startswith("git-codecommit."):
        return f"?region={_cloned_from(place)}"
    return f"?{place.query}" if place.query else ""


def _cloned_from(place: SplitResult) -> str:
    return place.netloc.split(".")[1]
