import JSONBytes
import Testing

private func reader(of text: String) -> JSONScanner { JSONScanner(Array(text.utf8)) }

struct ReaderTests {
    @Test func namesAreComparedByTheirCharacters() throws {
        var scanner = reader(of: #"{"Item":1,"\u0049tem":2,"Items":3,"":4,"é":5}"#)
        try scanner.beginObject()
        var seen: [String] = []
        while let name = try scanner.nextName() {
            switch name {
            case "Item": seen.append("item")
            case "": seen.append("empty")
            case "e\u{301}": Issue.record("another spelling of one character is another name")
            default: seen.append(name.text)
            }
            try scanner.skipValue()
        }
        try scanner.finish()
        #expect(seen == ["item", "item", "Items", "empty", "é"])
    }

    @Test func shortNamesAreOneNumber() throws {
        var scanner = reader(of: #"{"S":0,"\u0053":0,"BOOL":0,"NULLS":0,"":0,"é":0}"#)
        try scanner.beginObject()
        var tags: [UInt32] = []
        while let tag = try scanner.nextTag() {
            tags.append(tag)
            try scanner.skipValue()
        }
        #expect(tags == [0x53, 0x53, 0x424F_4F4C, 0, 0, 0xC3A9])
    }

    @Test func aCommaIsWantedBehindAContainerThatEnded() throws {
        for text in [#"[[] []]"#, #"[{} 1]"#, #"{"a":[] "b":1}"#, "[,1]", "[[],]", #"{"a":{},}"#, "[[]", "[]]"] {
            #expect(throws: JSONError.self, "\(text)") {
                var scanner = reader(of: text)
                try scanner.skipValue()
                try scanner.finish()
            }
        }
        var scanner = reader(of: #"[[],[[]],{"a":[]},{}]"#)
        try scanner.skipValue()
        try scanner.finish()
    }

    @Test func callsThatTheTextDoesNotAllowThrow() {
        #expect(throws: JSONError.self) {
            var scanner = reader(of: "1"); _ = try scanner.nextElement()
        }
        #expect(throws: JSONError.self) {
            var scanner = reader(of: "]"); _ = try scanner.nextElement()
        }
        #expect(throws: JSONError.self) {
            var scanner = reader(of: "[1]"); _ = try scanner.nextKey()
        }
        #expect(throws: JSONError.self) {
            var scanner = reader(of: "x"); _ = try scanner.readNumberBytes()
        }
        #expect(throws: JSONError.self) {
            var scanner = reader(of: "1"); _ = try scanner.readStringBytes()
        }
    }

    @Test func theWriterStartsOverAfterItsBytesAreTaken() {
        var writer = JSONWriter(reserving: 0)
        writer.raw([UInt8(ascii: "1")])
        #expect(writer.take() == [UInt8(ascii: "1")])
        #expect(writer.bytes.isEmpty)
        writer.beginArray()
        for number in 0..<1_000 { writer.number(number) }
        writer.raw(AnySequence("null".utf8))
        writer.endArray()
        #expect(writer.count == writer.bytes.count)
        #expect(writer.text == "[" + (0..<1_000).map(String.init).joined(separator: ",") + ",null]")
    }
}
