"""What a run's status is when its job has come to an end, and what a person must know of it."""

from gru_core.runs.live import FINAL, LiveRun
from gru_core.runs.records import Status


def outcome(run: LiveRun, wish: str | None, seconds: float) -> tuple[Status, str]:
    """Status and message. `wish` is "paused" or "stopped" if somebody said so, `seconds` the time allowed."""
    reasons = [lane.reason for lane in run.lanes]
    through = all(reason in FINAL for reason in reasons)
    if "diverged" in reasons:
        rates = [lane.spec.learning_rate for lane in run.lanes if lane.reason == "diverged"]
        return ("done" if through else "stopped"), (
            f"The loss grew out of bounds with a learning rate of {rates[0]:g}, so the training ended; "
            "the last good model is kept. Try a smaller learning rate."
        )
    if through:
        return "done", ""
    if wish in ("paused", "stopped"):
        return ("paused" if wish == "paused" else "stopped"), ""
    if "time" in reasons:
        return (
            "stopped",
            f"The {seconds:g} seconds allowed for one training are over; it can go on from here.",
        )
    return "paused", ""
