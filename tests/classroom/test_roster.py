"""The roster: what is taken, and one clear line for what is not."""

from __future__ import annotations

import pytest

from acrlab.classroom.roster import MOST, Learner, read_roster
from acrlab.errors import ConfigurationError


@pytest.fixture
def roster(tmp_path):
    def roster(text):
        path = tmp_path / "class.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return roster


def test_a_roster_names_learners_with_what_is_known_of_them(roster):
    text = 'id,name,group,subscription,email\nada,"Lovelace, Ada",a,,x\nBob-2,Zoë 漢字,,0000-42,\n\n'

    assert read_roster(roster(text)) == (
        Learner("ada", "Lovelace, Ada", "a"),
        Learner("bob-2", "Zoë 漢字", "", "0000-42"),
    )


@pytest.mark.parametrize("text", ["\ufeffid;name\r\nada;Ada\r\n", "ID , Name\nada , Ada\n", "name,id\nAda,ada\n"])
def test_what_spreadsheets_write_is_read(roster, text):
    assert read_roster(roster(text)) == (Learner("ada", "Ada"),)


WRONG = {
    "id\nada\nbob\nADA\n": "line 4: 'ada' is on line 2 already. Give each their own id.",
    "id,name\n,Ada\n": "line 2 has no id. Write 1 to 32 letters a-z, digits and inner dashes.",
    "id\n"
    + "a" * 200
    + "\n": "line 2: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\\u2026' is not an id: 1 to 32 letters a-z,",
    "id\nZoë\n": "line 2: 'Zo\\xeb' is not an id: 1 to 32 letters a-z, digits and inner dashes. A person's",
    "id\n../x\n": "line 2: '../x' is not an id: 1 to 32 letters a-z",
    "id\na;b\n": "line 2: 'a;b' is not an id",
    "id\n=cmd|' /C calc'!A0\n": "line 2: \"=cmd|' /C calc'!A0\" is not an id",
    "id\n-a\n": "line 2: '-a' is not an id",
    "id\n$(id)\n": "line 2: '$(id)' is not an id",
    "id\nnul\n": "line 2: 'nul' is taken by the system or by chapter 05. Choose another id.",
    "id\nada-Portal\n": "line 2: 'ada-Portal' is taken by the system or by chapter 05. Choose another id.",
    "id,name\nada,=1+1\n": "line 2: name '=1+1' would be a formula in a spreadsheet.",
    'id,name\nada,"a\nb"\n': "line 3: name 'a\\nb' is longer than 200 characters, or has some that can't be printed.",
    "ada\nbob\n": "the first line has to name the columns, one of them id, such as: id,name,group",
    "": "the first line has to name the columns, one of them id, such as: id,name,group",
    "id\n": "class.csv has no learners. Write one per line, below the line that names the columns.",
    "id,object_id\nada,x\n": "line 2: 'x' is not an object id, which is a GUID.",
    "id,sign_in\nada,=1\n": "line 2: sign_in '=1' would be a formula in a spreadsheet.",
    "id,id\na,b\n": "two columns are called 'id'. Leave one out.",
    "id,subscripton\nada,x\n": "there is no column 'subscripton'; did you mean subscription?",
    "id\nada,b,c\n": "line 2 has 3 values for 1 columns.",
    'id\n"ada\n': "line 2 is not CSV: unexpected end of data.",
    b"id\n\xff\xfe\n": "class.csv is not text in UTF-8. Save it as CSV UTF-8.",
    "id\n"
    + "\n".join(f"a{n}" for n in range(10_000)): f"class.csv has more than {MOST} learners, for whom there are no",
    "id\n" + "a" * 5_000_000: "class.csv is larger than 4 MiB, so it is not a roster.",
}


@pytest.mark.parametrize("text", WRONG, ids=range(len(WRONG)))
def test_what_is_wrong_is_said_in_one_line(roster, text):
    with pytest.raises(ConfigurationError) as caught:
        read_roster(roster(text))

    told = str(caught.value)
    assert told.startswith(f"roster: {WRONG[text]}")
    assert told.isprintable()
    assert len(told) < 300


def test_a_roster_that_is_not_there_is_said_so(tmp_path):
    with pytest.raises(ConfigurationError, match=r"nowhere\.csv can't be read: No such file or directory"):
        read_roster(tmp_path / "nowhere.csv")
