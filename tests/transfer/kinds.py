"""Schemas of 21 kinds of Flask apps with a row or two each, and what should come of them."""

from dataclasses import dataclass, field

from journal.transfer.legacy.known_schemas import Hints

USER = 'CREATE TABLE "user" (id INTEGER PRIMARY KEY, username VARCHAR(20), email TEXT, password VARCHAR(60))'
ANN = "INSERT INTO \"user\" VALUES (1, 'ann', 'ann@example.org', 'x')"
BOB = "INSERT INTO \"user\" VALUES (2, 'bob', 'bob@example.org', 'x')"


@dataclass(frozen=True)
class Kind:
    """`entries` are owner, title, text and day, then the mood and the tags where there are any."""

    name: str
    sql: tuple[str, ...]
    entries: tuple[tuple[str, ...], ...]
    hints: Hints = field(default_factory=Hints)  # what the refusal names; empty if it is adopted unaided
    named: str = ""  # how the refusal names it


KINDS = [
    Kind(
        "the tutorial of Flask",
        (
            "CREATE TABLE user (id INTEGER PRIMARY KEY AUTOINCREMENT, username TEXT UNIQUE, password TEXT)",
            """CREATE TABLE post (id INTEGER PRIMARY KEY AUTOINCREMENT, author_id INTEGER NOT NULL,
               created TIMESTAMP DEFAULT CURRENT_TIMESTAMP, title TEXT, body TEXT,
               FOREIGN KEY (author_id) REFERENCES user (id))""",
            "INSERT INTO user VALUES (1, 'ann', 'x')",
            "INSERT INTO post VALUES (1, 1, '2024-08-24 21:00:00', 'Sea', 'It was blue.')",
        ),
        (("ann", "Sea", "It was blue.", "2024-08-24"),),
    ),
    Kind(
        "a blog of one table, whose password is in the settings",
        (
            "CREATE TABLE entries (id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL, text TEXT)",
            "INSERT INTO entries VALUES (1, 'Sea', 'It was blue.')",
        ),
        (("owner", "Sea", "It was blue.", "2024-05-31"),),
        Hints(owner="ann"),
        "--owner NAME",
    ),
    Kind(
        "a microblog with followers and messages",
        (
            USER,
            "CREATE TABLE followers (follower_id INTEGER, followed_id INTEGER)",
            """CREATE TABLE post (id INTEGER PRIMARY KEY, body VARCHAR(140), timestamp DATETIME,
               user_id INTEGER REFERENCES user (id), language VARCHAR(5))""",
            """CREATE TABLE message (id INTEGER PRIMARY KEY, sender_id INTEGER REFERENCES user (id),
               recipient_id INTEGER REFERENCES user (id), body VARCHAR(140), timestamp DATETIME)""",
            "CREATE TABLE notification (id INTEGER PRIMARY KEY, name TEXT, user_id INTEGER, payload TEXT)",
            "CREATE TABLE task (id TEXT PRIMARY KEY, name TEXT, description TEXT, user_id INTEGER)",
            ANN,
            BOB,
            "INSERT INTO post VALUES (1, 'It was blue.', '2024-08-24 21:00:00.123456', 2, 'en')",
            "INSERT INTO message VALUES (1, 1, 2, 'A letter, which is no entry.', '2024-08-24 21:00:00')",
        ),
        (("bob", "", "It was blue.", "2024-08-24"),),
    ),
    Kind(
        "a blog of a video course",
        (
            USER,
            """CREATE TABLE post (id INTEGER PRIMARY KEY, title VARCHAR(100), date_posted DATETIME,
               content TEXT, user_id INTEGER REFERENCES user (id))""",
            ANN,
            "INSERT INTO post VALUES (1, 'Sea', '2024-08-24 21:00:00.000000', 'It was blue.', 1)",
        ),
        (("ann", "Sea", "It was blue.", "2024-08-24"),),
    ),
    Kind(
        "notes with their text in data",
        (
            "CREATE TABLE user (id INTEGER PRIMARY KEY, email TEXT, password TEXT, first_name TEXT)",
            """CREATE TABLE note (id INTEGER PRIMARY KEY, data VARCHAR(10000), date DATETIME,
               user_id INTEGER REFERENCES user (id))""",
            "INSERT INTO user VALUES (1, 'ann@example.org', 'x', 'Ann')",
            "INSERT INTO note VALUES (1, 'It was blue.', '2024-08-24 21:00:00', 1)",
        ),
        (("ann@example.org", "", "It was blue.", "2024-08-24"),),
    ),
    Kind(
        "a learning journal of one person",
        (
            USER,
            """CREATE TABLE entry (id INTEGER PRIMARY KEY, title TEXT, date DATE, time_spent INTEGER,
               learned TEXT, resources TEXT)""",
            ANN,
            "INSERT INTO entry VALUES (1, 'Sea', '2024-08-24', 5, 'That it can be very blue.', 'A ship')",
        ),
        (("ann", "Sea", "That it can be very blue.", "2024-08-24"),),
    ),
    Kind(
        "articles that name their author",
        (
            """CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, email TEXT, username TEXT,
               password TEXT, register_date TIMESTAMP)""",
            "CREATE TABLE articles (id INTEGER PRIMARY KEY, title TEXT, author TEXT, body TEXT, create_date)",
            "INSERT INTO users VALUES (1, 'Ann Lee', 'a@example.org', 'ann', 'x', '2020-01-01')",
            "INSERT INTO users VALUES (2, 'Bob Ray', 'b@example.org', 'bob', 'x', '2020-01-01')",
            "INSERT INTO articles VALUES (1, 'Sea', 'bob', 'It was blue.', '2024-08-24 21:00:00')",
            "INSERT INTO articles VALUES (2, 'Sky', 'ann', 'It was grey.', '2024-08-25 21:00:00')",
        ),
        (("ann", "Sky", "It was grey.", "2024-08-25"), ("bob", "Sea", "It was blue.", "2024-08-24")),
    ),
    Kind(
        "a diary with roles",
        (
            "CREATE TABLE role (id INTEGER PRIMARY KEY, name TEXT, description TEXT)",
            """CREATE TABLE user (id INTEGER PRIMARY KEY, email TEXT, password TEXT, active BOOLEAN,
               fs_uniquifier TEXT, confirmed_at DATETIME)""",
            "CREATE TABLE roles_users (user_id INTEGER, role_id INTEGER)",
            """CREATE TABLE diary_entry (id INTEGER PRIMARY KEY, subject TEXT, details TEXT,
               written_on DATETIME, user_id INTEGER REFERENCES user (id))""",
            "INSERT INTO user VALUES (1, 'ann@example.org', '$2b$12$x', 1, 'abc', NULL)",
            "INSERT INTO role VALUES (1, 'admin', 'Somebody who may do everything')",
            "INSERT INTO diary_entry VALUES (1, 'Sea', 'It was blue.', '2024-08-24 21:00:00', 1)",
        ),
        (("ann@example.org", "Sea", "It was blue.", "2024-08-24"),),
    ),
    Kind(
        "a course project with months by name, a clock of its own and moods from 1 to 5",
        (
            "CREATE TABLE users (id INTEGER PRIMARY KEY, username TEXT, hash TEXT)",
            """CREATE TABLE journal (id INTEGER PRIMARY KEY, user_id INTEGER, date TEXT, time TEXT,
               entry TEXT, mood INTEGER)""",
            "INSERT INTO users VALUES (1, 'ann', 'pbkdf2:sha256:1$x$y')",
            "INSERT INTO journal VALUES (1, 1, 'August 24, 2024', '09:15 PM', 'It was blue.', 5)",
            "INSERT INTO journal VALUES (2, 1, 'Sunday, 25 Aug 2024', '9:00 AM', 'It was grey.', 1)",
        ),
        (
            ("ann", "", "It was blue.", "2024-08-24", "great"),
            ("ann", "", "It was grey.", "2024-08-25", "awful"),
        ),
    ),
    Kind(
        "a mood tracker from 1 to 10",
        (
            USER,
            """CREATE TABLE mood_log (id INTEGER PRIMARY KEY, user_id INTEGER, mood_score INTEGER,
               notes TEXT, added_at TEXT)""",
            ANN,
            "INSERT INTO mood_log VALUES (1, 1, 9, 'It was blue.', '2024-08-24T21:00:00Z')",
            "INSERT INTO mood_log VALUES (2, 1, 5, 'It was grey.', '2024-08-25T21:00:00Z')",
        ),
        (
            ("ann", "", "It was blue.", "2024-08-24", "great", "mood 9/10"),
            ("ann", "", "It was grey.", "2024-08-25", "okay", "mood 5/10"),
        ),
    ),
    Kind(
        "posts whose owners are in a table between",
        (
            USER,
            "CREATE TABLE posts (id INTEGER PRIMARY KEY, heading TEXT, description TEXT, posted DATETIME)",
            "CREATE TABLE user_posts (user_id INTEGER, post_id INTEGER)",
            "CREATE TABLE likes (user_id INTEGER, post_id INTEGER)",
            ANN,
            BOB,
            "INSERT INTO posts VALUES (1, 'Sea', 'It was blue.', '2024-08-24 21:00:00')",
            "INSERT INTO user_posts VALUES (2, 1)",
            "INSERT INTO likes VALUES (1, 1)",
        ),
        (("bob", "Sea", "It was blue.", "2024-08-24"),),
    ),
    Kind(
        "journals that have entries",
        (
            USER,
            "CREATE TABLE journal (id INTEGER PRIMARY KEY, name TEXT, user_id INTEGER REFERENCES user (id))",
            """CREATE TABLE entry (id INTEGER PRIMARY KEY, journal_id INTEGER REFERENCES journal (id),
               title TEXT, content TEXT, created_date DATETIME)""",
            ANN,
            BOB,
            "INSERT INTO journal VALUES (7, 'Travels', 2)",
            "INSERT INTO entry VALUES (1, 7, 'Sea', 'It was blue.', '2024-08-24 21:00:00')",
        ),
        (("bob", "Sea", "It was blue.", "2024-08-24", "", "Travels"),),
    ),
    Kind(
        "a blog with a rich-text editor, comments and dates in words",
        (
            "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT, password TEXT, name TEXT)",
            """CREATE TABLE blog_posts (id INTEGER PRIMARY KEY, author_id INTEGER REFERENCES users (id),
               title TEXT, subtitle TEXT, date VARCHAR(250), body TEXT, img_url TEXT)""",
            """CREATE TABLE comments (id INTEGER PRIMARY KEY, text TEXT,
               author_id INTEGER REFERENCES users (id), post_id INTEGER REFERENCES blog_posts (id))""",
            "INSERT INTO users VALUES (1, 'ann@example.org', 'x', 'Ann')",
            """INSERT INTO blog_posts VALUES (1, 1, 'Sea', 'A day', 'August 24, 2024',
               '<p>It was <strong>blue</strong>.</p>', '')""",
            "INSERT INTO comments VALUES (1, 'A comment that is longer than the post.', 1, 1)",
        ),
        (("Ann", "Sea", "It was **blue**.", "2024-08-24"),),
    ),
    Kind(
        "a diary with dates as in Germany",
        (
            "CREATE TABLE member (id INTEGER PRIMARY KEY, nick TEXT, passwd TEXT)",
            "CREATE TABLE diary (id INTEGER PRIMARY KEY, member_id INTEGER, thoughts TEXT, date TEXT)",
            "INSERT INTO member VALUES (1, 'ann', 'x')",
            "INSERT INTO diary VALUES (1, 1, 'It was blue.', '02.09.2024')",
        ),
        (("ann", "", "It was blue.", "2024-09-02"),),
    ),
    Kind(
        "a diary with dates as in America",
        (
            USER,
            "CREATE TABLE entries (id INTEGER PRIMARY KEY, user_id INTEGER, text TEXT, created_date TEXT)",
            ANN,
            "INSERT INTO entries VALUES (1, 1, 'It was blue.', '09/02/2024 09:15 PM')",
            "INSERT INTO entries VALUES (2, 1, 'It was grey.', '09/24/2024 12:05 AM')",
        ),
        (("ann", "", "It was blue.", "2024-09-02"), ("ann", "", "It was grey.", "2024-09-24")),
    ),
    Kind(
        "names and milliseconds as in JavaScript",
        (
            'CREATE TABLE accounts (id INTEGER PRIMARY KEY, "userName" TEXT, "passwordHash" TEXT)',
            """CREATE TABLE stories (id INTEGER PRIMARY KEY, "accountId" INTEGER, caption TEXT, story TEXT,
               "createdAt" INTEGER)""",
            "INSERT INTO accounts VALUES (1, 'ann', 'x')",
            "INSERT INTO stories VALUES (1, 1, 'Sea', 'It was blue.', 1724533200000)",
        ),
        (("ann", "Sea", "It was blue.", "2024-08-24"),),
    ),
    Kind(
        "tags and categories without declared keys",
        (
            USER,
            """CREATE TABLE post (id INTEGER PRIMARY KEY, user_id INTEGER, title TEXT, content TEXT,
               category_id INTEGER, pub_date DATETIME)""",
            "CREATE TABLE category (id INTEGER PRIMARY KEY, name TEXT, description TEXT)",
            "CREATE TABLE tag (id INTEGER PRIMARY KEY, name TEXT)",
            "CREATE TABLE post_tags (post_id INTEGER, tag_id INTEGER)",
            ANN,
            "INSERT INTO post VALUES (1, 1, 'Sea', 'It was blue.', 3, '2024-08-24 21:00:00')",
            "INSERT INTO category VALUES (3, 'travels', 'Everything that was written on the way')",
            "INSERT INTO tag VALUES (1, 'salt'), (2, 'wind')",
            "INSERT INTO post_tags VALUES (1, 2)",
        ),
        (("ann", "Sea", "It was blue.", "2024-08-24", "", "wind", "travels"),),
    ),
    Kind(
        "a diary with a table of moods, and tags beside the entry",
        (
            USER,
            "CREATE TABLE moods (id INTEGER PRIMARY KEY, name TEXT)",
            """CREATE TABLE journal_entries (id INTEGER PRIMARY KEY, author INTEGER, content_md TEXT,
               mood_id INTEGER REFERENCES moods (id), created_time DATETIME, modified_time DATETIME)""",
            "CREATE TABLE entry_tags (id INTEGER PRIMARY KEY, entry_id INTEGER, tag TEXT)",
            ANN,
            BOB,
            "INSERT INTO moods VALUES (1, 'Happy')",
            "INSERT INTO journal_entries VALUES (1, 2, 'It was blue.', 1, '2024-08-24 21:00:00', NULL)",
            "INSERT INTO entry_tags VALUES (1, 1, 'salt')",
        ),
        (("bob", "", "It was blue.", "2024-08-24", "good", "salt", "Happy"),),
    ),
    Kind(
        "notes with a bin and drafts",
        (
            USER,
            """CREATE TABLE notes (id INTEGER PRIMARY KEY, owner_id INTEGER, topic TEXT, note TEXT,
               created DATETIME, is_deleted BOOLEAN, status TEXT, tags TEXT)""",
            ANN,
            "INSERT INTO notes VALUES (1, 1, 'Sea', 'It was blue.', '2024-08-24', 0, 'draft', '[\"salt\"]')",
            "INSERT INTO notes VALUES (2, 1, 'Sky', 'It was grey.', '2024-08-25', 1, 'published', '#a #b')",
        ),
        (
            ("ann", "Sea", "It was blue.", "2024-08-24", "", "salt"),
            ("ann", "Sky", "It was grey.", "2024-08-25", "", "a", "b"),
        ),
    ),
    Kind(
        "a blog of several people that does not say who wrote",
        (
            USER,
            "CREATE TABLE posts (id INTEGER PRIMARY KEY, title TEXT, content TEXT, created_at DATETIME)",
            ANN,
            BOB,
            "INSERT INTO posts VALUES (1, 'Sea', 'It was blue.', '2024-08-24 21:00:00')",
        ),
        (("bob", "Sea", "It was blue.", "2024-08-24"),),
        Hints(owner="bob"),
        "--owner ann",
    ),
    Kind(
        "an app with two tables of texts",
        (
            USER,
            "CREATE TABLE diary (id INTEGER PRIMARY KEY, user_id INTEGER, body TEXT, created_at DATETIME)",
            "CREATE TABLE article (id INTEGER PRIMARY KEY, user_id INTEGER, body TEXT, created_at DATETIME)",
            ANN,
            "INSERT INTO diary VALUES (1, 1, 'It was blue.', '2024-08-24 21:00:00')",
            "INSERT INTO article VALUES (1, 1, 'How blue is made.', '2024-08-24 21:00:00')",
        ),
        (("ann", "", "It was blue.", "2024-08-24"),),
        Hints(entries="diary"),
        "--entries ",
    ),
]
