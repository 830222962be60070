"""The table: bars, verdicts, neighbours."""

from pathlib import Path

import numpy as np

from chiaro.training.evaluate.table import (
    FEATURE_ROW,
    MEASURES,
    Measure,
    Statistic,
    less,
    measures_beside,
    more,
    single,
    statistics_of,
    table_rows,
    write_csv,
)


def test_bars_are_held_in_their_own_direction() -> None:
    assert more("a", "a", 28.0).passed(28.0) is True
    assert more("a", "a", 28.0).passed(27.9) is False
    assert less("a", "a", 8.0).passed(8.1) is False
    assert less("a", "a", 8.0).passed(7.0) is True
    assert less("a", "a").passed(1.0) is None
    assert less("a", "a", 8.0).passed(float("nan")) is None


def test_texts_of_bars_and_values() -> None:
    assert more("a", "a", 0.93, 3).bar_text() == "≥ 0.930"
    assert Measure("a", "a", 0.04, False, 1, True).bar_text() == "≤ 4.0 %"
    assert less("a", "a").bar_text() == ""
    assert more("a", "a").shown(float("nan")) == "–"


def test_statistics_leave_out_what_is_not_known() -> None:
    column = statistics_of({"a": [1.0, 2.0, 6.0, np.nan], "b": [np.nan]})
    assert column == {"a": Statistic(3.0, 2.0, 3)}


def test_only_judged_columns_get_a_verdict_and_rows_with_bars_always_show() -> None:
    rows = table_rows(
        (less("a", "A", 2.0), less("b", "B", 1.0), less("c", "C")),
        {"model": {"a": single(1.0)}, "plate": {"a": single(3.0)}},
        1,
    )
    assert rows == [("A", "≤ 2.00", "1.00 (pass)", "3.00"), ("B", "≤ 1.00", "–", "–")]


def test_the_feature_distance_has_a_bar_of_half_the_first_networks() -> None:
    row = next(row for row in measures_beside({FEATURE_ROW: single(1.8)}) if row.name == FEATURE_ROW)
    assert row.bar == 0.9
    assert next(row for row in measures_beside(None) if row.name == FEATURE_ROW).bar is None


def test_names_of_rows_are_unique() -> None:
    assert len({row.name for row in MEASURES}) == len(MEASURES)


def test_the_csv_holds_every_number(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    write_csv((more("a", "A", 2.0),), {"model": {"a": single(1.0)}, "plate": {}}, 1, path)
    assert path.read_text() == "measure,column,mean,median,count,bar,verdict\na,model,1,1,1,2,fail\n"
    assert [file.name for file in tmp_path.iterdir()] == ["table.csv"]
