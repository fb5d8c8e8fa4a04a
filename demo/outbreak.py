"""A line list of patients and the manifest of the trains some of them rode on."""

from datetime import date, timedelta

import numpy as np
import polars as pl

from demo import names
from demo.identity import identity_numbers, mobile_numbers, origins
from demo.register import Register
from demo.sheets import Sheet, number, serial, write_csv, write_xlsx
from demo.wording import either, pick, sexes
from demo.world import World

PATIENTS = {"village": 6, "town": 24, "district": 135}
TRAINS = {"village": 1, "town": 2, "district": 4}
CARRIAGES = {"village": 2, "town": 8, "district": 16}
_TRAINS = (
    ("G1709", "武汉", "天津西"),
    ("D2022", "石家庄", "天津"),
    ("K1020", "郑州", "天津"),
    ("G298", "南昌西", "天津西"),
)
SEATS = "ABCDF"
ROWS = 16
FILLED = 0.86
RESIDENT_SHARE = 0.12
OUTSIDE_PATIENTS = 0.17
VENUE = "万新村购物中心"
GUESTS, TRAVELLERS = 9, 5


def strangers(world: World, rng: np.random.Generator, count: int) -> pl.DataFrame:
    """People from elsewhere: name, female, birth, id_no, phone."""
    codes, _, share = origins()
    county = np.array([int(c) for c in codes])[rng.choice(len(codes), size=count, p=share)]
    female = rng.random(count) < 0.45
    age = rng.integers(3, 78, count)
    birth = pl.Series(
        np.datetime64(world.as_of) - (age * 365.25 + rng.integers(0, 365, count)).astype("timedelta64[D]")
    )
    birth = birth.cast(pl.Date)
    table, _ = names.surname_weights()
    surname = pl.Series(table).gather(pl.Series(names.draw_surnames(rng, count)))
    first, second = names.draw_given(rng, female, birth.dt.year().to_numpy().astype(np.int64))
    name = surname + pl.Series(first.tolist(), dtype=pl.String) + pl.Series(second.tolist(), dtype=pl.String)
    return pl.DataFrame(
        {
            "name": name, "female": female, "birth": birth, "id_no": identity_numbers(rng, county, birth, female),
            "phone": mobile_numbers(rng, count),
        }
    )  # fmt: skip


def write(register: Register) -> None:
    """Write line_list.xlsx, train_manifest.csv and the truth of both."""
    world = register.world
    rng = world.rng("outbreak")
    count = PATIENTS[world.scale.name]
    outside = max(1, round(count * OUTSIDE_PATIENTS))
    residents = _patients(world, rng, count - outside)
    riders = max(2, count // 4)
    aboard = residents[:riders]
    manifest, seats, trip = _manifest(world, rng, aboard)
    people = world.facts(
        pl.Series(residents),
        "name",
        "female",
        "birth",
        "id_no",
        "own_phone",
        "home_phone",
        "home",
    ).select("name", "female", "birth", "id_no", phone=pl.coalesce("own_phone", "home_phone"), home="home")
    far = strangers(world, rng, outside).with_columns(home=pl.lit(None, dtype=pl.Int64))
    both = pl.concat([people.with_columns(pl.col("home").cast(pl.Int64)), far])
    entity = pl.concat(
        [
            world.persons["entity_id"].gather(pl.Series(residents)),
            pl.Series([None] * outside, dtype=pl.String),
        ]
    )
    # those who rode fell ill about the day of the ride, and so could infect on it; the others follow
    back = rng.integers(1, 5, count)
    back[:riders] = trip + rng.integers(-1, 2, riders)
    onset = pl.Series(np.datetime64(world.as_of) - back.astype("timedelta64[D]")).cast(pl.Date)
    confirmed = pl.Series(
        np.datetime64(world.as_of) - (back - rng.integers(1, 3, count)).clip(0).astype("timedelta64[D]")
    )
    order = np.argsort(-back, kind="stable")
    source = ["乘坐" + seats[i] if i < riders else "" for i in range(count)]
    source = [s or ("外地返津" if i >= count - outside else "密切接触") for i, s in enumerate(source)]
    age = (pl.Series([world.as_of.year] * count) - both["birth"].dt.year()).cast(pl.String)
    none = pl.Series([None], dtype=pl.String)
    address = world.book.write("plain", both["home"]).fill_null("外地，现住酒店")
    table = pl.DataFrame(
        {
            "病例编号": pl.Series([None] * count, dtype=pl.String),
            "姓名": both["name"],
            "性别": sexes(both["female"], "男", "女"),
            "年龄": number(age),
            "身份证号": either(rng.random(count) < 0.08, none, both["id_no"]),
            "联系电话": either(rng.random(count) < 0.06, none, both["phone"]),
            "现住址": address,
            "发病日期": serial(onset),
            "确诊日期": serial(confirmed.cast(pl.Date)),
            "临床分型": pick(rng, ("普通型", "重型", "轻型", "无症状"), count, (0.6, 0.1, 0.2, 0.1)),
            "感染来源": pl.Series(source),
            "转归": pick(rng, ("住院", "出院"), count, (0.85, 0.15)),
            "备注": pick(rng, (None, "流调已完成", "待补充流调"), count),
        }
    )[pl.Series(order)].with_columns(
        ("BL" + pl.int_range(1, pl.len() + 1).cast(pl.String).str.zfill(4)).alias("病例编号")
    )
    path = register.out / "outbreak" / "line_list.xlsx"
    write_xlsx(
        path,
        [Sheet("病例", [["东丽区病例一览表（演练数据）"], list(table.columns)], table, merges=["A1:M1"])],
    )
    register.add_entry(path, "health", "patients", count)
    path = register.out / "outbreak" / "train_manifest.csv"
    write_csv(path, manifest.columns[:-1], manifest.drop("entity"), encoding="utf-8-sig")
    register.add_entry(path, "railway", "manifest", len(manifest), encoding="utf-8-sig")
    known = {int(order[n]) for n, number_ in enumerate(table["身份证号"]) if number_}
    stays = _stays(world, residents, back, min(known))  # one whom the line list tells the number of
    path = register.out / "outbreak" / "stays.csv"
    write_csv(path, stays.columns, stays, encoding="utf-8-sig")
    register.add_entry(path, "commerce", "stays", len(stays), encoding="utf-8-sig")
    patients = pl.DataFrame(
        {"kind": ["patient"] * count, "ref": table["病例编号"], "entity_id": entity.gather(pl.Series(order))}
    )
    passengers = manifest.select(
        pl.lit("passenger").alias("kind"), pl.concat_str("车次", "乘车日期", "车厢", "席位", separator="|").alias("ref"),
        pl.col("entity").alias("entity_id"),
    )  # fmt: skip
    pl.concat([patients, passengers]).write_csv(register.out / "truth" / "outbreak.csv")


def _patients(world: World, rng: np.random.Generator, count: int) -> np.ndarray:
    """Residents who fall ill: grown people who travelled, then some who live with them, then others."""
    household, age = world.population.column("household"), world.population.column("age")
    size = np.bincount(household[household >= 0], minlength=world.population.households)
    grown = np.flatnonzero(
        (household >= 0) & (age >= 22) & (age < 70) & (size[np.maximum(household, 0)] >= 2)
    )
    travelled = rng.choice(grown, size=max(2, (count + 1) // 3), replace=False)
    kin: list[int] = []
    for person in travelled.tolist():
        beside = [
            q
            for q in (person - 1, person + 1)
            if 0 <= q < len(household) and household[q] == household[person]
        ]
        if beside and rng.random() < 0.6:
            kin.append(beside[0])
    kin = [k for k in dict.fromkeys(kin) if k not in set(travelled.tolist())]
    taken = [*travelled.tolist(), *kin][:count]
    free = np.setdiff1d(np.flatnonzero(household >= 0), np.array(taken))
    others = rng.choice(free, size=count - len(taken), replace=False)
    return np.concatenate([np.array(taken, dtype=np.int64), others])


def _manifest(
    world: World, rng: np.random.Generator, aboard: np.ndarray
) -> tuple[pl.DataFrame, list[str], np.ndarray]:
    """All filled seats of the trains; `aboard` sit in two neighbouring carriages of each train.

    Also the words of each patient's ride and how many days ago it was.
    """
    trains, carriages = TRAINS[world.scale.name], CARRIAGES[world.scale.name]
    ago = rng.integers(6, 9, trains)
    days = [world.as_of.toordinal() - int(n) for n in ago]
    seats = [
        (t, c, row, seat)
        for t in range(trains)
        for c in range(1, carriages + 1)
        for row in range(1, ROWS + 1)
        for seat in SEATS
    ]
    filled = rng.random(len(seats)) < FILLED
    held = np.flatnonzero(filled)
    train_of = np.array([seats[i][0] for i in held])
    carriage_of = np.array([seats[i][1] for i in held])
    patient_seat: list[int] = []
    for k in range(len(aboard)):
        fits = np.flatnonzero((train_of == k % trains) & np.isin(carriage_of, (1, min(2, carriages))))
        fits = np.setdiff1d(fits, np.array(patient_seat, dtype=np.int64))
        patient_seat.append(int(rng.choice(fits)))
    size = len(held)
    age, household = world.population.column("age"), world.population.column("household")
    free = np.setdiff1d(np.flatnonzero((household >= 0) & (age >= 5)), aboard)
    local = np.setdiff1d(np.flatnonzero(rng.random(size) < RESIDENT_SHARE), np.array(patient_seat))
    person = np.full(size, -1, dtype=np.int64)
    person[local] = rng.choice(free, size=len(local), replace=False)
    person[patient_seat] = aboard
    known = person >= 0
    far = strangers(world, rng, size)
    near = world.facts(pl.Series(np.maximum(person, 0)), "entity_id", "name", "id_no", "own_phone")
    none = pl.Series([None], dtype=pl.String)
    phone = either(known, near["own_phone"], far["phone"])
    date = [np.datetime64(0, "D") + (d - 719_163) for d in days]
    place = [seats[i] for i in held]
    table = pl.DataFrame(
        {
            "车次": pl.Series([_TRAINS[t][0] for t, *_ in place]),
            "乘车日期": pl.Series([str(date[t]) for t, *_ in place]),
            "车厢": pl.Series([str(c) for _, c, *_ in place]),
            "席位": pl.Series([f"{row:02d}{seat}" for *_, row, seat in place]),
            "姓名": either(known, near["name"], far["name"]),
            "证件号码": either(known, near["id_no"], far["id_no"]),
            "手机号": either(rng.random(size) < 0.15, none, phone),
            "上车站": pl.Series([_TRAINS[t][1] for t, *_ in place]),
            "下车站": pl.Series([_TRAINS[t][2] for t, *_ in place]),
            "entity": either(known, near["entity_id"], none),
        }
    )
    words = [f"{_TRAINS[place[i][0]][0]}次列车（{date[place[i][0]]}，{place[i][1]}车）" for i in patient_seat]
    return table, words, ago[np.arange(len(aboard)) % trains]


def _stays(world: World, residents: np.ndarray, back: np.ndarray, patient: int) -> pl.DataFrame:
    """Who was at a place where a patient was, the day before falling ill, and who has been in Wuhan.

    Of the guests some stayed beside the patient, some came later; of the travellers one only changed trains. It has a
    chance of its own: what the other files say does not hang on it.
    """
    rng = world.rng("stays")
    age, household = world.population.column("age"), world.population.column("household")
    free = np.setdiff1d(np.flatnonzero((household >= 0) & (age >= 18)), residents)
    drawn = rng.choice(free, size=GUESTS + TRAVELLERS, replace=False)
    visited = world.as_of - timedelta(days=int(back[patient]) + 1)
    rows = [(int(residents[patient]), VENUE, "商场", "", visited, 600, 780)]
    for n, person in enumerate(drawn[:GUESTS].tolist()):
        begin = (
            780 if n % 3 == 2 else 600 + int(rng.integers(0, 40))
        )  # every third comes when the patient has left
        rows.append((person, VENUE, "商场", "", visited, begin, begin + int(rng.integers(40, 170))))
    for n, person in enumerate(drawn[GUESTS:].tolist()):
        day = world.as_of - timedelta(days=int(rng.integers(3, 9)))
        begin = 480 + int(rng.integers(0, 240))
        rows.append((person, "", "", "湖北省武汉市", day, begin, begin + (50 if n == 0 else 400)))
    told = world.facts(pl.Series([row[0] for row in rows]), "name", "id_no")
    return pl.DataFrame(
        {
            "场所": [row[1] for row in rows],
            "场所类型": [row[2] for row in rows],
            "所在地区": [row[3] for row in rows],
            "到达时间": [_minute(row[4], row[5]) for row in rows],
            "离开时间": [_minute(row[4], row[6]) for row in rows],
            "姓名": told["name"],
            "证件号码": told["id_no"],
        }
    )


def _minute(day: date, minute: int) -> str:
    return f"{day} {minute // 60:02}:{minute % 60:02}"
