"""Files of a catalog folder of one's own: what they replace and add, and every way they can be wrong."""

import re
import shutil
from pathlib import Path

import pytest

from spatial import catalog
from spatial.catalog import BUILT_IN, Catalog, CatalogError, current, load


@pytest.fixture(scope="module")
def known() -> Catalog:
    return load(None)


def test_current_is_read_once_for_each_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("JINGTU_CATALOG_DIR", raising=False)
    built_in = current()
    assert current() is built_in
    write(tmp_path, "layers/noise_zone.toml", NOISE_ZONE)
    monkeypatch.setenv("JINGTU_CATALOG_DIR", str(tmp_path))
    assert "noise_zone" in current().layers
    assert "noise_zone" not in built_in.layers
    catalog.current.cache_clear()


NOISE_ZONE = """
id         = "noise_zone"
title      = "噪声敏感区"
title_en   = "noise zone"
group      = "三区三线"
role       = "context"
geometry   = "MultiPolygon"
owner      = "生态环境主管部门"
read       = "public"
name_field = "name"

[fields.name]
title  = "名称"
type   = "text"
source = ["名称"]

[fields.level]
title   = "级别"
type    = "choice"
choices = { a = "一级", b = "二级" }

[tile]
minzoom = 6
fields  = ["name", "level"]
label   = "name"

[style]
by      = "level"
order   = 300
minzoom = 6
line    = { color = "#333A3D", width = 1 }

[[style.classes]]
value    = "a"
label    = "一级"
label_en = "first"

[[style.classes]]
label    = "其他"
label_en = "others"
"""


def write(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def test_a_file_in_a_folder_of_ones_own_adds_a_layer(tmp_path: Path, known: Catalog) -> None:
    write(tmp_path, "layers/noise_zone.toml", NOISE_ZONE)
    mine = load(tmp_path)
    assert set(mine.layers) == set(known.layers) | {"noise_zone"}
    layer = mine.layer("noise_zone")
    assert (layer.kind, layer.refresh_months, layer.key) == ("stored", None, None)
    assert layer.edit == {"steward", "administrator"}
    assert mine.digest != known.digest


@pytest.mark.parametrize(
    ("old", "new"), [('"raster"', '["raster", "Point"]'), ("[fields.file]", "[fields.path]")]
)
def test_a_layer_of_images_has_nothing_but_images_and_says_where_their_pixels_lie(
    old: str, new: str, tmp_path: Path
) -> None:
    text = (BUILT_IN / "layers" / "imagery.toml").read_text("utf-8")
    assert old in text
    write(tmp_path, "layers/imagery.toml", text.replace(old, new))
    with pytest.raises(CatalogError, match="raster"):
        load(tmp_path)


def test_a_file_in_a_folder_of_ones_own_replaces_a_layer(tmp_path: Path, known: Catalog) -> None:
    text = (
        (BUILT_IN / "layers" / "park.toml")
        .read_text("utf-8")
        .replace("refresh_months = 12", "refresh_months = 3")
    )
    write(tmp_path, "layers/park.toml", text)
    mine = load(tmp_path)
    assert mine.layer("park").refresh_months == 3
    assert len(mine.layers) == len(known.layers)


def test_a_county_file_in_a_folder_of_ones_own_replaces_that_county_alone(tmp_path: Path) -> None:
    write(
        tmp_path,
        "counties/652302.toml",
        """
        code = "652302"
        name = "阜康市"
        name_en = "Fukang City"
        zones = [29, 30]
        publish = ["suspected_plot"]
        refresh_months = { suspected_plot = 3 }
        [columns.suspected_plot]
        name = ["DKMC_2019"]
        """,
    )
    county = load(tmp_path).counties["652302"]
    assert county.columns["suspected_plot"]["name"] == ("DKMC_2019",)
    assert county.refresh_months["suspected_plot"] == 3
    assert county.publish == {"suspected_plot"}
    assert len(load(tmp_path).counties) == 7


def test_a_region_file_makes_it_another_prefecture_with_the_counties_of_that_folder(tmp_path: Path) -> None:
    write(
        tmp_path,
        "region.toml",
        """
        code = "654000"
        name = "伊犁哈萨克自治州"
        name_en = "Ili"
        extent = [79.5, 42.0, 85.5, 45.5]
        zones = [27, 28]
        """,
    )
    write(
        tmp_path,
        "counties/654002.toml",
        """
        code = "654002"
        name = "伊宁市"
        name_en = "Yining City"
        zones = [27]
        """,
    )
    mine = load(tmp_path)
    assert mine.region.name == "伊犁哈萨克自治州"
    assert mine.region.counties == ("654002",)
    assert list(mine.counties) == ["654002"]
    assert len(mine.layers) == 57


def test_the_digest_is_of_the_content_and_not_of_its_formatting(tmp_path: Path, known: Catalog) -> None:
    text = (BUILT_IN / "layers" / "park.toml").read_text("utf-8")
    lines = [re.sub(r" +=", " =", line) for line in text.splitlines() if not line.startswith("#")]
    write(tmp_path, "layers/park.toml", "# 换个写法\n" + "\n\n".join(lines) + "\n")
    assert load(tmp_path).digest == known.digest
    write(tmp_path, "layers/park.toml", text.replace("园区管委会", "园区管理委员会"))
    assert load(tmp_path).digest != known.digest
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", known.digest)


# ---- wrong files: (what is replaced, by what, the key that the error names)
WRONG = [
    ('id         = "noise_zone"', 'id = "other"', "id"),
    ('title      = "噪声敏感区"', "", "title"),
    ('role       = "context"', 'role = "law"', "role"),
    ('geometry   = "MultiPolygon"', 'geometry = "Polygon"', "geometry"),
    ('group      = "三区三线"', 'group = "别的"', "group"),
    ('read       = "public"', 'read = ["everyone"]', "read"),
    ('name_field = "name"', 'name_field = "title"', "name_field"),
    ('name_field = "name"', 'key = "nr"', "key"),
    ('name_field = "name"', 'valid_from = "name"', "valid_from"),
    ('name_field = "name"', "refresh_months = 0", "refresh_months"),
    ('name_field = "name"', "refresh_months = true", "refresh_months"),
    ('name_field = "name"', 'colour = "red"', "colour"),
    ('name_field = "name"', 'kind = "derived"', "selection"),
    ('type   = "text"', 'type = "string"', "fields.name.type"),
    ('source = ["名称"]', 'choices = { a = "一" }', "fields.name.choices"),
    ('source = ["名称"]', 'column = ["名称"]', "fields.name.column"),
    ('source = ["名称"]', "source = [1]", "fields.name.source"),
    ('source = ["名称"]', 'read = ["steward"]', "tile.fields"),
    ('choices = { a = "一级", b = "二级" }', 'choices = { a = "一级", b = "一级" }', "fields.level.choices"),
    ('choices = { a = "一级", b = "二级" }', 'choices = { b = "二级" }', "style.classes"),
    ('label    = "其他"', 'value = "b"\nlabel = "其他"', "style.classes"),
    ('label    = "其他"', 'value = "a"\nlabel = "其他"', "style.classes"),
    ("minzoom = 6\nfields", "minzoom = 25\nfields", "tile.minzoom"),
    ("minzoom = 6\nfields", "minzoom = 17\nfields", "tile.maxzoom"),
    ('fields  = ["name", "level"]', 'fields = ["name", "height"]', "tile.fields"),
    ('fields  = ["name", "level"]', 'fields = ["name"]', "tile.fields"),
    ('by      = "level"', 'by = "height"', "style.by"),
    ('by      = "level"', "", "style.by"),
    ('by      = "level"', 'by = "level"\nprefix = 2', "style.prefix"),
    ("order   = 300", "", "style.classes[0].order"),
    ("order   = 300", "order = 300\nwidth = 3", "style.width"),
    ('color = "#333A3D"', 'color = "red"', "style.classes[0].line.color"),
    ("width = 1", "dash = [2, 2]", "style.classes[0].line.width"),
    (
        "order   = 300",
        'order = 300\npattern = { id = "waves", color = "#333A3D" }',
        "style.classes[0].pattern.id",
    ),
    (
        "order   = 300",
        'order = 300\npattern = { id = "stripe-45", color = "#333A3D" }',
        "style.classes[0].pattern.id",
    ),
    (
        "order   = 300",
        'order = 300\nmark = { shape = "star", stroke = "#333A3D", size_px = 9 }',
        "style.classes[0].mark.shape",
    ),
    ('geometry   = "MultiPolygon"', 'geometry = ["MultiPolygon", "Point"]', "style.classes[0].mark"),
    (
        'label    = "一级"',
        'label = "一级"\nmark = { shape = "circle", stroke = "#333A3D", size_px = 9 }',
        "style.classes",
    ),
    ('label   = "name"\n\n[style]', '[style]\ntext = { note = "名称", minzoom = 9 }', "tile.label"),
    ("[tile]", '[[selection]]\nlayer = "park"\nwhere = {}\n[tile]', "selection"),
    ('role       = "context"', 'role = "context', ""),
]


@pytest.mark.parametrize(("old", "new", "key"), WRONG)
def test_a_wrong_layer_file_is_refused_with_file_and_key(
    old: str, new: str, key: str, tmp_path: Path
) -> None:
    assert old in NOISE_ZONE
    file = write(tmp_path, "layers/noise_zone.toml", NOISE_ZONE.replace(old, new, 1))
    with pytest.raises(CatalogError) as refused:
        load(tmp_path)
    assert refused.value.file == file
    assert refused.value.key.startswith(key)
    assert str(file) in str(refused.value)
    assert key in str(refused.value)


@pytest.mark.parametrize(
    ("selection", "key"),
    [
        ('layer = "no_such"\nwhere = {}', "selection[0].layer"),
        ('layer = "released_plot"\nwhere = {}', "selection[0].layer"),
        (
            'layer = "park"\nwhere = { level = { eq = "a" }, height = { gt = 3 } }',
            "selection[0].where.height",
        ),
        (
            'layer = "park"\nwhere = { any = [{ not = { height = { gt = 3 } } }] }',
            "selection[0].where.height",
        ),
        ('layer = "park"\nwhere = { level = "a" }', "selection[0].where"),
        ('layer = "park"\nwhere = { any = 3 }', "selection[0].where"),
    ],
)
def test_a_selection_of_what_is_not_there_is_refused(selection: str, key: str, tmp_path: Path) -> None:
    text = NOISE_ZONE.replace('role       = "context"', 'role = "context"\nkind = "derived"')
    write(tmp_path, "layers/noise_zone.toml", text.replace("[tile]", f"[[selection]]\n{selection}\n[tile]"))
    with pytest.raises(CatalogError) as refused:
        load(tmp_path)
    assert refused.value.key == key


COUNTY = """
code    = "652399"
name    = "新县"
name_en = "New County"
zones   = [30]
"""


def test_a_new_county_is_one_file(tmp_path: Path) -> None:
    write(tmp_path, "counties/652399.toml", COUNTY)
    mine = load(tmp_path)
    assert mine.region.counties[-1] == "652399"
    assert list(mine.counties)[-1] == "652399"


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('code    = "652399"', 'code = "652398"', "code"),
        ("zones   = [30]", "zones = [15]", "zones"),
        ("zones   = [30]", "zones = []", "zones"),
        ("zones   = [30]", 'zones = [30]\nformer_codes = ["65"]', "former_codes"),
        ("zones   = [30]", 'zones = [30]\npublish = ["no_such"]', "publish.no_such"),
        ("zones   = [30]", "zones = [30]\nrefresh_months = { park = 0 }", "refresh_months.park"),
        ("zones   = [30]", 'zones = [30]\n[columns.park]\nheight = ["H"]', "columns.park.height"),
        ("zones   = [30]", 'zones = [30]\nmayor = "…"', "mayor"),
    ],
)
def test_a_wrong_county_file_is_refused_with_file_and_key(
    old: str, new: str, key: str, tmp_path: Path
) -> None:
    file = write(tmp_path, "counties/652399.toml", COUNTY.replace(old, new))
    with pytest.raises(CatalogError) as refused:
        load(tmp_path)
    assert (refused.value.file, refused.value.key) == (file, key)


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("extent = [85.0, 42.5, 92.0, 46.0]", "extent = [92.0, 42.5, 85.0, 46.0]", "extent"),
        ("zones = [29, 30, 31]", "zones = [15]", "zones"),
        ('"652301", "652302"', '"652301", "652399"', "counties"),
    ],
)
def test_a_wrong_region_file_is_refused_with_file_and_key(
    old: str, new: str, key: str, tmp_path: Path
) -> None:
    shutil.copytree(BUILT_IN / "counties", tmp_path / "counties")
    text = (BUILT_IN / "region.toml").read_text("utf-8")
    assert old in text
    file = write(tmp_path, "region.toml", text.replace(old, new))
    with pytest.raises(CatalogError) as refused:
        load(tmp_path)
    assert (refused.value.file, refused.value.key) == (file, key)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="nowhere"):
        load(tmp_path / "nowhere")
