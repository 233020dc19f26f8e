"""Why a message is not used. A refused message is kept whole in quarantine under one of these reasons."""

from __future__ import annotations

from config.i18n import _

REASONS: dict[str, tuple[str, str]] = {
    "topic": (
        _("The topic is not one of ours."),
        _("Publish to city/v1/<system>/<shard>/<asset id>/tele."),
    ),
    "too_large": (
        _("The payload is larger than any device sends."),
        _("Look at the device; only the beginning of the message is kept."),
    ),
    "malformed": (
        _("The payload is not JSON of the agreed form."),
        _("Compare the message with docs/guide/telemetry.md and correct the device's software."),
    ),
    "unknown_device": (
        _("Nobody has registered this device."),
        _("Register the device for its asset, then replay the kept messages."),
    ),
    "inactive_device": (
        _("The device has been taken out of service."),
        _("Put it back into service and replay, or stop it from sending."),
    ),
    "wrong_asset": (
        _("The device belongs to another asset than the topic says."),
        _("Correct the topic in the device or the asset in the register, then replay."),
    ),
    "unknown_metric": (
        _("The device's profile has no such metric."),
        _("Add the metric at the end of the profile, then replay."),
    ),
    "out_of_range": (
        _("The instrument cannot show such a value."),
        _("Have the sensor looked at, or widen the range in the profile and replay."),
    ),
    "future": (
        _("The device's clock runs ahead."),
        _("Set the device's clock."),
    ),
    "too_old": (
        _("The message is older than what is still taken in."),
        _("Set the device's clock, or load old readings as an import."),
    ),
    "not_storable": (
        _("The database would not take the message."),
        _("Report the detail to the maintainers, then replay after the correction."),
    ),
}
"""reason → what is so, and what to do next; English, translated where it is shown."""


class Refused(Exception):
    """A message cannot be used. Never leaves ingest: it becomes a row of ingest.quarantine."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail[:500]
