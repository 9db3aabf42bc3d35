"""CSV files of MetaWear's apps (MbientLab): one a sensor, acceleration and angular rate apart.

Layout: ``epoch (ms),time (01:00),elapsed (s),x-axis (g),y-axis (g),z-axis (g)``, newer
``epoc (ms),timestamp (+0100),elapsed (s),...`` (the apps' own spelling), and ``x-axis
(deg/s)`` in a file of its own, named alike but for ``Accelerometer`` and ``Gyroscope`` with
the rate behind. Seen in github.com/daveebbelaar/tracking-barbell-exercises and in
github.com/mbientlab's apps.
"""

import re
from collections.abc import Iterator

from repsense.errors import ForeignFileError
from repsense.importing.base import Format, Imported, Wish
from repsense.importing.signals import Signal, Signals, assemble
from repsense.importing.source import Source, folder_of, stem_of
from repsense.importing.table import Table, names_in, read_table, tables
from repsense.importing.units import TurnUnit, Unit

_EPOCH = r"epoch? \(ms\)"
_ACCEL = r"{a}-axis \(g\)"
_TURN = r"{a}-axis \(deg/s\)"
_RATE_TAIL = re.compile(r"_?Accelerometer.*$", re.IGNORECASE)


def _claims(source: Source) -> bool:
    return bool(_accelerations(source))


def _accelerations(source: Source) -> list[str]:
    return [
        name
        for name, columns in tables(source, ".csv")
        if columns
        and re.fullmatch(_EPOCH, columns[0], re.IGNORECASE)
        and "x-axis (g)" in [column.lower() for column in columns]
    ]


def _read(source: Source, wish: Wish) -> Iterator[Imported]:
    names = _accelerations(source)
    if not names:
        raise ForeignFileError(
            f"{source.path} holds no acceleration of MetaWear ({source.glance()}): name the file "
            f"of its accelerometer."
        )
    for number, name in enumerate(names, start=1):
        table = read_table(source, name)
        gyro = _gyro(source, name)
        signals = Signals(
            where=table.where,
            accel=_signal(table, _ACCEL),
            unit=Unit.G,
            gyro=gyro,
            gyro_unit=TurnUnit.DPS,
        )
        called = _RATE_TAIL.sub("", stem_of(name)) or stem_of(name)
        yield assemble(signals, wish).imported(called, "metawear")
        wish.progress(number / len(names))


def _gyro(source: Source, accelerometer: str) -> Signal | None:
    """Return what the gyroscope measured in the same recording: its file differs only in name."""
    beginning = stem_of(accelerometer).partition("Accelerometer")[0]
    if beginning == stem_of(accelerometer):
        return None
    for name in _beside(source, accelerometer):
        if stem_of(name).startswith(f"{beginning}Gyroscope"):
            columns = [column.lower() for column in names_in(source.head(name))]
            if "x-axis (deg/s)" in columns:
                return _signal(read_table(source, name), _TURN)
    return None


def _beside(source: Source, name: str) -> list[str]:
    if source.path.is_file() and source.path.suffix.lower() != ".zip":
        return sorted(path.name for path in source.path.parent.glob("*.csv"))
    return [other for other in source.files if folder_of(other) == folder_of(name)]


def _signal(table: Table, pattern: str) -> Signal:
    axes = table.find_xyz(pattern)
    if axes is None:
        raise ForeignFileError(
            f"{table.where}: of x-axis, y-axis and z-axis one is missing; found are: "
            f"{', '.join(table.names)}. Export the file again."
        )
    # The epoch is the clock that both sensors share; "elapsed" begins at each one's first sample.
    epoch = table.find(_EPOCH) or "epoch (ms)"
    return Signal(t_s=table.numbers([epoch])[:, 0] / 1000.0, xyz=table.numbers(axes))


FORMAT = Format(
    id="metawear",
    title="MetaWear (MetaBase and its kind): CSV",
    claims=_claims,
    read=_read,
)
