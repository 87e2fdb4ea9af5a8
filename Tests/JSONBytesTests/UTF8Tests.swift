import JSONBytes
import TestSupport
import Testing

/// The parser's own check of UTF-8 against the standard library's.
struct UTF8Tests {
    @Test(arguments: UInt64(1)...4)
    func bytesAreTakenAsTheStandardLibraryTakesThem(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let edges: [UInt8] = [
            0x20, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xEC, 0xED, 0xEE, 0xEF, 0xF0,
            0xF1, 0xF3, 0xF4, 0xF5, 0xFF,
        ]
        for _ in 0..<5_000 {
            let text = (0..<Int.random(in: 0...12, using: &random)).map { _ in edges.randomElement(using: &random) ?? 0
            }
            var scanner = JSONScanner([0x22] + text + [0x22])
            let read = try? scanner.readString()
            #expect(read.map { Array($0.utf8) } == String(validating: text, as: UTF8.self).map { Array($0.utf8) })
        }
    }

    @Test func theOffsetIsThatOfTheFirstCharacterThatIsWrong() {
        let invalid: [[UInt8]] = [
            [0x80], [0xC3], [0xE2, 0x82], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF8],
        ]
        for wrong in invalid {
            for before in ["", "é", "\\n", "plain text that is longer than a word"] {
                let text = [0x22] + Array(before.utf8)
                var scanner = JSONScanner(text + wrong + [0x22])
                let error = #expect(throws: JSONError.self) { try scanner.readString() }
                #expect(error?.offset == text.count, "\(before) \(wrong)")
            }
        }
    }

    @Test func stopsAreFoundAtEveryPlaceOfAWord() throws {
        for length in 0..<24 {
            for place in 0..<max(1, length) {
                for stop in ["\"", "\\", "\u{1}", "\u{1F}", "é", "\u{7F}", " "] {
                    var text = String(repeating: "x", count: length)
                    if length > 0 {
                        let index = text.index(text.startIndex, offsetBy: place)
                        text.replaceSubrange(index...index, with: stop)
                    }
                    var writer = JSONWriter(reserving: 1)
                    writer.beginArray()
                    writer.string(text)
                    writer.string(text)
                    writer.endArray()
                    #expect(try JSONValue.parse(writer.bytes) == .array([.string(text), .string(text)]))
                }
            }
        }
    }
}
