"""A term of the field is explained where it stands."""

from studio.widgets.controls.section import Section, SectionTitle


def test_the_title_of_a_section_explains_its_term(qtbot):
    section = Section("section_map", "Latent map")
    qtbot.addWidget(section)
    title = section.findChild(SectionTitle)
    assert title is not None
    section.explain("A latent is a list of numbers. Each list is a place.")
    assert title.toolTip() == "A latent is a list of numbers. Each list is a place.\nClick to fold."
    section.set_folded(True)
    assert title.accessibleDescription().startswith("A latent is a list of numbers.")
    section.explain("")
    assert title.toolTip() == "Folded. Click to show the controls."
