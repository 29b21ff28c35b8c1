"""`acrlab work`: what is here is replaced only by a yes."""

from contextlib import closing

import acrlab


def test_work_is_saved_and_taken_up_and_what_is_here_is_not_replaced_unasked(typed, tmp_path):
    with closing(acrlab.connect(registry_name="contoso42")) as lab:
        acrlab.ensure_group(lab)
    assert typed("work", "save", "mine.zip") == (
        0,
        (
            "mine.zip: 1 resource and 0 notebooks.\n"
            "To continue elsewhere: acrlab work restore FILE, or Take it up again on the web site's first page.\n"
        ),
        "",
    )
    code, out, err = typed("work", "restore", "mine.zip")
    assert (code, out) == (2, "")
    assert "which has 1 resource? There is no terminal to answer in, so nothing was done." in err
    assert typed("work", "restore", "mine.zip", "--world", "other.db") == (
        0,
        "other.db has 1 resource; acrlab-course has no new notebook.\n",
        "",
    )
    assert typed("work", "restore", "mine.zip", "--yes")[0] == 0
    code, _, err = typed("work", "restore", "nothing.zip", "--yes")
    assert (code, err) == (2, "acrlab: file: nothing.zip cannot be read: No such file or directory.\n")
