"""What the pages say about states, moves' fields and posts in both languages, and who has a case in each state."""

from config.permissions import POSTS
from config.settings import MEGABYTE, Settings
from dispatch import policy
from dispatch.workflow import FINAL, MOVES, STATES, TRANSITIONS


def group_of(state: str) -> str:
    """Who has a case in `state`: "ended" nobody, "field" an inspector, "unit" a responsible unit, else the "centre"."""
    if state in FINAL:
        return "ended"
    leaving = [transition for transition in TRANSITIONS if transition.source == state]
    if any(transition.own == "task" for transition in leaving):
        return "field"
    if any(transition.own == "unit" for transition in leaving):
        return "unit"
    return "centre"


def words_for(locale: str) -> dict[str, object]:
    """What the scripts of a page know by name: {"states": {state: {name, group}}, "moves": {move: name},
    "posts": {post: name}, "on_site_m": metres, "limits": sizes in MB and numbers of files}, the states in the order of the workflow."""
    language = 0 if locale == "zh" else 1
    return {
        "states": {state: {"name": names[language], "group": group_of(state)} for state, names in STATES.items()},
        "moves": {move: names[language] for move, names in MOVES.items()},
        "posts": {post: names[language] for post, names in POSTS.items()},
        "on_site_m": policy.on_site_distance_m(),
        "limits": {
            "photo": Settings.photo_limit_bytes // MEGABYTE,
            "film": Settings.film_limit_bytes // MEGABYTE,
            "sound": Settings.sound_limit_bytes // MEGABYTE,
            "files": Settings.photos_per_report,
            "films": Settings.films_per_report,
        },
    }
