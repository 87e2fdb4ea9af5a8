internal import AWSCore
internal import JSONBytes

extension JSONWriter {
    /// `Dimensions`, left out when there are none.
    mutating func write(dimensions: [Dimension]) {
        guard !dimensions.isEmpty else { return }
        key("Dimensions")
        beginArray()
        for dimension in dimensions {
            beginObject()
            member("Name", dimension.name)
            member("Value", dimension.value)
            endObject()
        }
        endArray()
    }

    /// A time as JSON 1.0 carries it: a number of seconds since 1970, with milliseconds where there are any.
    mutating func write(time: Timestamp, as name: String) {
        key(name)
        let milliseconds = time.nanosecondsSince1970 / 1_000_000
        if milliseconds % 1_000 == 0 {
            number(milliseconds / 1_000)
        } else {
            number(Double(milliseconds) / 1_000)
        }
    }

    /// A list of numbers.
    mutating func write(numbers: [Double], as name: String) {
        key(name)
        beginArray()
        for value in numbers { number(value) }
        endArray()
    }

    /// A list of strings.
    mutating func write(strings: [String], as name: String) {
        key(name)
        beginArray()
        for text in strings { string(text) }
        endArray()
    }

    /// `Tags`, left out when there are none.
    mutating func write(tags: [String: String]) {
        guard !tags.isEmpty else { return }
        key("Tags")
        beginArray()
        for (name, value) in tags.sorted(by: { $0.key < $1.key }) {
            beginObject()
            member("Key", name)
            member("Value", value)
            endObject()
        }
        endArray()
    }
}

extension JSONValue {
    /// A list of strings, empty where there is none.
    func strings(_ name: String) -> [String] { self[name]?.arrayValue?.compactMap(\.stringValue) ?? [] }

    /// `Dimensions`, in the order of their names.
    var dimensions: [Dimension] {
        (self["Dimensions"]?.arrayValue ?? []).compactMap { entry in
            guard let name = entry["Name"]?.stringValue, let value = entry["Value"]?.stringValue else { return nil }
            return Dimension(name: name, value: value)
        }.sorted()
    }

    /// `Tags` by their keys.
    var tags: [String: String] {
        var tags: [String: String] = [:]
        for entry in self["Tags"]?.arrayValue ?? [] {
            if let name = entry["Key"]?.stringValue { tags[name] = entry["Value"]?.stringValue ?? "" }
        }
        return tags
    }

    /// A time: JSON 1.0 gives seconds since 1970, some local servers ISO 8601 text.
    func time(_ name: String) -> Timestamp? {
        if let text = self[name]?.stringValue { return Timestamp(iso8601: text) }
        guard let seconds = self[name]?.doubleValue, seconds.magnitude < 9e9 else { return nil }
        return Timestamp(nanosecondsSince1970: Int64((seconds * 1_000).rounded()) * 1_000_000)
    }
}
