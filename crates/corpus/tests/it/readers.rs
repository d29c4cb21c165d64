//! From bytes in a file to texts and labels with the right physical line numbers.

use crate::{class, entities, issues_of, load_as};
use corpus::IssueKind::{BadJson, BadTag, RaggedRow, TagRepaired};
use corpus::{Format, IssueKind, Options};

/// (line, text, class)
type Row<'a> = (usize, &'a str, &'a str);

struct Table<'a> {
    extension: &'a str,
    content: &'a [u8],
    delimiter: Option<char>,
    encoding: &'a str,
    rows: &'a [Row<'a>],
    issues: &'a [(usize, IssueKind, bool)],
}

const PLAIN: Table = Table {
    extension: "csv",
    content: b"",
    delimiter: Some(','),
    encoding: "UTF-8",
    rows: &[(2, "fever", "a"), (3, "cough", "b")],
    issues: &[],
};

fn check_table(expected: Table) {
    let shown = String::from_utf8_lossy(expected.content);
    let dataset = load_as(expected.extension, expected.content, &Options::default())
        .unwrap_or_else(|error| panic!("{error}\n{shown}"));
    let rows: Vec<Row> = dataset.train.iter().map(|e| (e.line, e.text.as_str(), class(&dataset, e))).collect();
    assert!(rows == expected.rows, "{rows:?}, wanted {:?}", expected.rows);
    let source = &dataset.sources[0];
    assert_eq!(source.delimiter, expected.delimiter, "{shown}");
    assert_eq!(source.encoding, expected.encoding, "{shown}");
    assert_eq!(source.format, if expected.delimiter.is_some() { Format::Csv } else { Format::Jsonl }, "{shown}");
    assert_eq!(issues_of(&dataset), expected.issues, "{shown}");
}

#[test]
fn delimiters_are_found() {
    check_table(Table { content: b"text,label\nfever,a\ncough,b\n", ..PLAIN });
    check_table(Table { content: b"text;label\nfever;a\ncough;b\n", delimiter: Some(';'), ..PLAIN });
    check_table(Table { content: b"text|label\nfever|a\ncough|b", delimiter: Some('|'), ..PLAIN });
    check_table(Table { content: b"text\tlabel\nfever\ta\ncough\tb\n", delimiter: Some('\t'), ..PLAIN });
    check_table(Table {
        extension: "tsv",
        content: b"text\tlabel\nfever, dry cough; rash\ta\n5|3, and more\tb\n",
        delimiter: Some('\t'),
        rows: &[(2, "fever, dry cough; rash", "a"), (3, "5|3, and more", "b")],
        ..PLAIN
    });
    // A decimal comma in every row does not make a comma the delimiter.
    check_table(Table {
        content: b"text;label\nHb 7,5;a\nHb 9,1;b\n",
        delimiter: Some(';'),
        rows: &[(2, "Hb 7,5", "a"), (3, "Hb 9,1", "b")],
        ..PLAIN
    });
}

#[test]
fn lines_are_those_of_the_file() {
    check_table(Table { content: b"text,label\r\nfever,a\r\ncough,b\r\n", ..PLAIN });
    check_table(Table {
        content: b"text,label\r\n\r\nfever,a\r\n\r\n\r\ncough,b\r\n",
        rows: &[(3, "fever", "a"), (6, "cough", "b")],
        ..PLAIN
    });
    check_table(Table {
        content: b"\n\ntext,label\nfever,a\n\ncough,b\n",
        rows: &[(4, "fever", "a"), (6, "cough", "b")],
        ..PLAIN
    });
    // What a spreadsheet leaves behind its last row is no row.
    check_table(Table { content: b"text,label\nfever,a\ncough,b\n,\n,\n , \n", ..PLAIN });
}

#[test]
fn quoted_fields_may_run_over_lines() {
    check_table(Table {
        content: b"text,label\n\"Doctor: \"\"Any pain?\"\"\nPatient: No, none.\n\nDoctor: Good.\",a\n\"cough, dry\",b\nrash,a\n",
        rows: &[
            (2, "Doctor: \"Any pain?\"\nPatient: No, none.\n\nDoctor: Good.", "a"),
            (6, "cough, dry", "b"),
            (7, "rash", "a"),
        ],
        ..PLAIN
    });
    check_table(Table {
        content: b"text,label\r\n\"one\r\ntwo\",a\r\nthree,b\r\n",
        rows: &[(2, "one\r\ntwo", "a"), (4, "three", "b")],
        ..PLAIN
    });
}

/// A discharge summary is often longer than a hundred lines, with commas in most of them.
#[test]
fn long_quoted_notes_are_one_field_each() {
    let note = |name: &str| {
        let lines: Vec<String> = (0..250).map(|line| format!("{name} finding {line}, unchanged")).collect();
        lines.join("\n")
    };
    let content = format!("text,label\n\"{}\",a\n\"{}\",b\n\"{}\",a\n", note("x"), note("y"), note("z"));
    check_table(Table {
        content: content.as_bytes(),
        rows: &[(2, &note("x"), "a"), (252, &note("y"), "b"), (502, &note("z"), "a")],
        ..PLAIN
    });
}

#[test]
fn bare_quotes_do_not_swallow_rows() {
    check_table(Table {
        extension: "tsv",
        content: b"index\tsentence\tlabel\n0\t\"Fas\" gene in lupus\t1\n1\tno quote\t0\n2\t\"never closed here\t1\n3\t5\" long\t0\n4\tend\t1\n",
        delimiter: Some('\t'),
        rows: &[
            (2, "\"Fas\" gene in lupus", "1"),
            (3, "no quote", "0"),
            (4, "\"never closed here", "1"),
            (5, "5\" long", "0"),
            (6, "end", "1"),
        ],
        ..PLAIN
    });
}

#[test]
fn ragged_rows_are_listed_and_left_out() {
    let good: String = (0..30).map(|row| format!("text {row},{}\n", ["a", "b"][row % 2])).collect();
    let content = format!("text,label\n\"two\nlines\",a\none,b,c\n{good}alone\n");
    let dataset = load_as("csv", content, &Options::default()).unwrap();
    assert_eq!(issues_of(&dataset), [(4, RaggedRow, true), (35, RaggedRow, true)]);
    assert_eq!(dataset.issues[0].message, "3 fields where the header has 2");
    assert_eq!(dataset.train.len(), 31);
    assert_eq!((dataset.sources[0].rows, dataset.sources[0].rejected), (33, 2));
}

/// A text in another encoding; with `mark` the byte-order mark before it.
fn utf16(text: &str, little: bool, mark: bool) -> Vec<u8> {
    let bytes = |unit: u16| if little { unit.to_le_bytes() } else { unit.to_be_bytes() };
    mark.then_some(0xfeff).into_iter().chain(text.encode_utf16()).flat_map(bytes).collect()
}

#[test]
fn encodings_are_found() {
    let text = "text,label\nMénière’s disease – 37 °C,a\ncafé,b\n";
    let rows: &[Row] = &[(2, "Ménière’s disease – 37 °C", "a"), (3, "café", "b")];
    let check = |content: &[u8], encoding| check_table(Table { content, encoding, rows, ..PLAIN });
    check(text.as_bytes(), "UTF-8");
    check(&[b"\xef\xbb\xbf", text.as_bytes()].concat(), "UTF-8 with BOM");
    for mark in [true, false] {
        check(&utf16(text, true, mark), "UTF-16LE");
        check(&utf16(text, false, mark), "UTF-16BE");
    }
    let western: Vec<u8> = text
        .chars()
        .map(|c| match c {
            '’' => 0x92,
            '–' => 0x96,
            c => u8::try_from(c as u32).unwrap(),
        })
        .collect();
    check(&western, "windows-1252");
}

#[test]
fn bytes_without_meaning_are_told() {
    let content = [b"\xef\xbb\xbftext,label\nfe\xffver,a\n".as_slice(), b"cough,b\n"].concat();
    let rows: &[Row] = &[(2, "fe\u{fffd}ver", "a"), (3, "cough", "b")];
    let issues = &[(0, IssueKind::EncodingRepaired, false)];
    check_table(Table { content: &content, encoding: "UTF-8 with BOM", rows, issues, ..PLAIN });
}

#[test]
fn json_lines() {
    let json = Table { extension: "jsonl", delimiter: None, ..PLAIN };
    check_table(Table {
        content: b"{\"text\": \"fever\", \"label\": \"a\"}\n\n{\"label\": \"b\", \"text\": \"cough\", \"more\": 3}\n",
        rows: &[(1, "fever", "a"), (3, "cough", "b")],
        ..json
    });
    // Numbers and truth values are labels too.
    check_table(Table {
        content: b"{\"text\": \"fever\", \"label\": 1}\n{\"text\": \"cough\", \"label\": 0}\n",
        rows: &[(1, "fever", "1"), (2, "cough", "0")],
        ..json
    });
    let good: String = (0..40)
        .map(|row| format!("{{\"text\": \"note {row}\", \"label\": \"{}\"}}\r\n", ["a", "b"][row % 2]))
        .collect();
    let dataset = load_as("jsonl", format!("{good}{{\"text\": \"cut\n\r\n[1, 2]\n\"word\"\n"), &Options::default());
    let dataset = dataset.unwrap();
    assert_eq!(issues_of(&dataset), [(41, BadJson, true), (43, BadJson, true), (44, BadJson, true)]);
    assert!(dataset.issues[1].message.contains("no object"), "{}", dataset.issues[1].message);
    assert_eq!(dataset.train.len(), 40);
}

/// (line, entities as text and type, document)
type Sentence<'a> = (usize, &'a [(&'a str, &'a str)], Option<&'a str>);

fn check_conll(extension: &str, content: &str, sentences: &[Sentence], issues: &[(usize, IssueKind, bool)]) {
    let dataset = load_as(extension, content, &Options::default()).unwrap_or_else(|error| panic!("{error}\n{content}"));
    assert_eq!(dataset.sources[0].format, Format::Conll, "{content}");
    assert_eq!(dataset.train.len(), sentences.len(), "{content}");
    for (example, (line, wanted, document)) in dataset.train.iter().zip(sentences) {
        let found = entities(&dataset, example);
        let found: Vec<(&str, &str)> = found.iter().map(|(text, kind)| (text.as_str(), kind.as_str())).collect();
        assert_eq!(&found, wanted, "{content}");
        assert_eq!((example.line, example.group.as_deref()), (*line, *document), "{content}");
    }
    assert_eq!(issues_of(&dataset), issues, "{content}");
}

#[test]
fn conll_columns_and_separators() {
    let two = [
        (1, [("sickle cell anaemia", "Disease")].as_slice(), None),
        (6, [("flu", "Disease"), ("gout", "Disease")].as_slice(), None),
    ];
    let file = "sickle\tB-Disease\ncell\tI-Disease\nanaemia\tI-Disease\n.\tO\n\nflu\tB-Disease\ngout\tB-Disease\n";
    check_conll("tsv", file, &two, &[]);
    check_conll("conll", file, &two, &[]);
    check_conll("txt", file, &two, &[]);
    check_conll("bio", &file.replace('\t', " "), &two, &[]);
    check_conll("conll", &file.replace('\t', "   "), &two, &[]);
    check_conll("conll", &file.replace('\n', "\r\n"), &two, &[]);
    check_conll("conll", &file.replace('\t', "\tNN\tB-NP\t"), &two, &[]);
    check_conll("tsv", &file.replace('\t', "\tNN\tO\t"), &two, &[]);
    check_conll("conll", &file.replace('\t', " NN B-NP "), &two, &[]);
    // Blank lines at the ends and several between sentences.
    let moved = [(3, two[0].1, None), (9, two[1].1, None)];
    check_conll("conll", &format!("\n\n{}\n\n", file.replace("\n\n", "\n \n\n")), &moved, &[]);
    // A space that does not break belongs to its word.
    let spaced = "5\u{a0}mg B-Dose\nmorphine O\n";
    check_conll("conll", spaced, &[(1, &[("5\u{a0}mg", "Dose")], None)], &[]);
}

#[test]
fn conll_schemes() {
    let read = |tags: &str, wanted: &[(&str, &str)], issues: &[(usize, IssueKind, bool)]| {
        let words = "abcdefgh".chars();
        let lines: String = words.zip(tags.split(' ')).map(|(word, tag)| format!("{word}\t{tag}\n")).collect();
        check_conll("conll", &lines, &[(1, wanted, None)], issues);
    };
    // BIO: neighbours of one type stay apart.
    read("B-X I-X B-X O B-Y I-Y O O", &[("a b", "X"), ("c", "X"), ("e f", "Y")], &[]);
    // IO: each run of a type is one entity, and another type begins another.
    read("I-X I-X I-Y O I-X O O I-Y", &[("a b", "X"), ("c", "Y"), ("e", "X"), ("h", "Y")], &[]);
    // IOB1: B- only where an entity follows another of its type.
    read("I-X I-X B-X I-X O I-Y B-Y O", &[("a b", "X"), ("c d", "X"), ("f", "Y"), ("g", "Y")], &[]);
    // IOBES and its twin BILOU.
    let three: &[(&str, &str)] = &[("a", "X"), ("b c d", "X"), ("f g", "Y")];
    read("S-X B-X I-X E-X O B-Y E-Y O", three, &[]);
    read("U-X B-X I-X L-X O B-Y L-Y O", three, &[]);
    read("S-X S-X B-X E-X S-Y O O O", &[("a", "X"), ("b", "X"), ("c d", "X"), ("e", "Y")], &[]);
    // A type may hold hyphens.
    read("B-Cell-Line I-Cell-Line O O O O O O", &[("a b", "Cell-Line")], &[]);
}

#[test]
fn conll_documents_are_groups() {
    let file = "-DOCSTART- (12)\n\na\tI-PAR\nb\tO\n\nc\tI-OUT\n\n-DOCSTART-\t(7x)\n\nd\tI-PAR\n";
    let sentences = [
        (3, [("a", "PAR")].as_slice(), Some("12")),
        (6, [("c", "OUT")].as_slice(), Some("12")),
        (10, [("d", "PAR")].as_slice(), Some("7x")),
    ];
    check_conll("tsv", file, &sentences, &[]);
    let nameless = "-DOCSTART- -X- -X- O\n\na NN B-NP B-X\n\n-DOCSTART- -X- O O\n\nb NN B-NP O\n";
    check_conll("conll", nameless, &[(3, &[("a", "X")], None), (7, &[], None)], &[]);
}

#[test]
fn malformed_tags_are_repaired_and_listed() {
    let file = "a\tB-X\nb\tI-Y\nc\tO\nd\tI-X\ne\tI-X\n";
    let repaired = [(2, TagRepaired, false), (4, TagRepaired, false)];
    check_conll("conll", file, &[(1, &[("a", "X"), ("b", "Y"), ("d e", "X")], None)], &repaired);
    let file = "a\tS-X\nb\tI-X\nc\tE-X\nd\tE-Y\n";
    let repaired = [(2, TagRepaired, false), (4, TagRepaired, false)];
    check_conll("conll", file, &[(1, &[("a", "X"), ("b c", "X"), ("d", "Y")], None)], &repaired);
    let good = "w\tB-X\n\n".repeat(20);
    let dataset = load_as("conll", format!("{good}a\tO\nb\tX-Y\n"), &Options::default()).unwrap();
    assert_eq!((dataset.train.len(), issues_of(&dataset)), (20, vec![(42, BadTag, true)]));
}

#[test]
fn how_a_file_is_written_can_be_said() {
    let read = |extension: &str, content: &[u8], options: Options| {
        let dataset = load_as(extension, content, &options).unwrap_or_else(|error| panic!("{error}"));
        let rows = dataset.train.iter().map(|example| (example.text.clone(), class(&dataset, example).to_string()));
        (rows.collect::<Vec<_>>(), dataset.sources[0].clone(), dataset.fingerprint())
    };
    let rows = |first: &str, second: &str| vec![(first.to_string(), "a".into()), (second.to_string(), "b".into())];

    // Two bytes a letter, which nothing in the bytes tells from Western European.
    let chinese = "text,label\n胸痛,a\n骨折,b\n";
    let (bytes, _, _) = encoding_rs::GB18030.encode(chinese);
    let named = |name: &str| Options { encoding: Some(name.into()), ..Options::default() };
    let (found, source, fingerprint) = read("csv", &bytes, named("gb18030"));
    assert_eq!((found, source.encoding.as_str()), (rows("胸痛", "骨折"), "gb18030"));
    let (_, guessed, other) = read("csv", &bytes, Options::default());
    assert_eq!(guessed.encoding, "windows-1252");
    assert_ne!(fingerprint, other, "texts that differ are other data");

    // A byte-order mark of the encoding that was named is no part of the first column's name.
    let (found, ..) = read("csv", "\u{feff}text,label\nfever,a\ncough,b\n".as_bytes(), named("utf-8"));
    assert_eq!(found, rows("fever", "cough"));

    // More commas than semicolons, but semicolons are meant.
    let content = b"text,long;label,short\nfever,dry;a\ncough,wet;b\n";
    let options = Options {
        delimiter: Some(';'),
        text: Some("text,long".into()),
        label: Some("label,short".into()),
        ..Options::default()
    };
    let (found, source, _) = read("csv", content, options);
    assert_eq!((found, source.delimiter), (rows("fever,dry", "cough,wet"), Some(';')));

    let jsonl = b"{\"text\": \"fever\", \"label\": \"a\"}\n{\"text\": \"cough\", \"label\": \"b\"}\n";
    let (found, source, _) = read("csv", jsonl, Options { format: Some(Format::Jsonl), ..Options::default() });
    assert_eq!((found, source.format), (rows("fever", "cough"), Format::Jsonl));
}

#[test]
fn what_cannot_be_read_so_is_told() {
    let plain = b"text,label\nfever,a\ncough,b\n";
    let told = |options: Options| load_as("csv", plain, &options).expect_err("it was read").code();
    assert_eq!(told(Options { encoding: Some("klingon".into()), ..Options::default() }), "encoding-unknown");
    assert_eq!(told(Options { delimiter: Some('→'), ..Options::default() }), "delimiter-bad");
    assert_eq!(told(Options { delimiter: Some('"'), ..Options::default() }), "delimiter-bad");
    assert_eq!(told(Options { format: Some(Format::Jsonl), ..Options::default() }), "too-many-bad-rows");
    assert_eq!(told(Options { format: Some(Format::Conll), ..Options::default() }), "conll-columns");
}
