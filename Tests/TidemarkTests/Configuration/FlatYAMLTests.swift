import TestSupport
import Testing
import Tidemark
import Yams

/// What the runtime's own reader reads is what everybody else reads: the judge is Yams.
@Suite struct FlatYAMLTests {
    private func judge(_ text: String) throws -> [String: SettingValue]? {
        guard let node = try Yams.compose(yaml: text), case .mapping(let mapping) = node else { return nil }
        var found: [String: SettingValue] = [:]
        for (key, value) in mapping {
            guard let name = key.string, case .scalar(let scalar) = value else { return nil }
            found[name] =
                switch value.tag.description {
                case "tag:yaml.org,2002:bool": .flag(value.bool ?? false)
                case "tag:yaml.org,2002:int": .integer(value.int ?? .min)
                case "tag:yaml.org,2002:str": .text(scalar.string)
                default: .text("neither text, number nor flag: \(value.tag)")
                }
        }
        return found
    }

    @Test func whatIsReadIsReadAlike() throws {
        let pieces = [
            "a", "b c", "true", "false", "True", "yes", "on", "null", "~", "0", "7", "-3", "010", "0x1F", "0o7",
            "1_000", "1.5",
            "1e3", ".5", ".inf", "+1", "12:30", "2026-11-23",
            "2026-11-23T10:00:00Z", "2026-11-23 10:00:00.5 +1", "2026-11-23t1:00:00", "2026-11-23x", "1.10", "1.10.2",
            "2001:db8::1", "'it''s'", "\"q\\\"\\n\"", "''", "\"\"",
            "#x",
            "a#b", "a #b", "a: b", "a:b", "a:", "[a]", "{a: b}", "&x y", "*x", "!t v", "| x", "> x", "% x", "@x", "`x`",
            ", x",
            "? x", "- x", "-", "-x", "/run/tidemark", "~/x", "https://a.b:1/c?d=e", "arn:aws:iam::1:role/x",
            "eu-west-1", "123abc",
            "0b11", "é", "a\tb", "\ta", "\"\\x41\"", "'a\"b'", "a'b", "a\"b", "NaN", "=", "<<", "1.2.3.4",
            "9223372036854775808",
            "0x", "-0", "1-2", "3d", "0777", "y", "N",
        ]
        let spaces = [" ", "  "]
        let ends = ["", " ", " # comment", "#joined", " x"]
        var read = 0
        for piece in pieces {
            for space in spaces {
                for end in ends {
                    let text = "# first\nname:\(space)\(piece)\(end)\n\nother-name: 1 # end\n"
                    let document = FlatYAML.read(Array(text.utf8))
                    guard document.problems.isEmpty else { continue }
                    read += 1
                    let found = Dictionary(uniqueKeysWithValues: document.entries.map { ($0.name, $0.value) })
                    #expect(found == (try? judge(text)), "\(text)")
                }
            }
        }
        // The reader that refuses everything would agree as well.
        #expect(read > 150)
    }

    @Test(arguments: [
        "name: a\r\nother: 1\r\n", "\u{FEFF}name: a\nother: 1", "---\nname: a\nother: 1",
        "\n  # x\nname: a\n\nother: 1\n\n",
    ])
    func ordinaryFilesAreRead(_ text: String) {
        let document = FlatYAML.read(Array(text.utf8))
        #expect(document.problems == [])
        #expect(document.entries.map(\.value) == [.text("a"), .integer(1)])
    }

    @Test func bytesThatAreNoTextAreRefused() {
        #expect(FlatYAML.read([0xFF, 0xFE]).problems.map(\.sentence) == ["the file is not UTF-8 text"])
    }
}
