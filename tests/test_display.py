from acrlab.display import table


def test_a_table_reads_the_same_as_text_and_as_html():
    shown = table([{"name": "a", "address": "10.0.0.4"}, {"name": "long one", "address": ""}], caption="Addresses")

    assert repr(shown) == "\n".join(
        ["Addresses", "name      address", "--------  --------", "a         10.0.0.4", "long one"]
    )
    assert '<caption style="text-align:left">Addresses</caption>' in shown._repr_html_()
    assert '<th scope="col"' in shown._repr_html_()


def test_text_is_escaped_in_html():
    assert "&lt;b&gt;" in table([{"x": "<b>"}])._repr_html_()


def test_an_empty_table_says_that_there_is_nothing():
    assert repr(table([], columns=("resource",))) == "resource\n--------\nnone"
