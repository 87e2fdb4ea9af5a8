internal import AWSCore
internal import JSONBytes

/// A file of settings as it was read, before anybody asks what the names mean: names and values with their places.
package struct SettingsDocument: Equatable {
    package struct Entry: Equatable {
        package var name: String
        package var value: SettingValue
        /// Where the value begins.
        package var line: Int
        package var column: Int
        /// Where the name begins.
        package var namePlace: Place
    }

    package struct Place: Equatable {
        package var line: Int
        package var column: Int
    }

    package struct Problem: Error, Equatable {
        package var line: Int
        package var column: Int
        package var sentence: String
    }

    package var entries: [Entry] = []
    package var problems: [Problem] = []

    /// Reads JSON where the name ends in `.json`, YAML otherwise.
    package init(_ bytes: [UInt8], path: String) {
        if path.lowercased().hasSuffix(".json") {
            readJSON(bytes)
        } else {
            let read = FlatYAML.read(bytes)
            entries = read.entries
            problems = read.problems
        }
    }

    init(entries: [Entry] = [], problems: [Problem] = []) {
        (self.entries, self.problems) = (entries, problems)
    }

    private mutating func readJSON(_ bytes: [UInt8]) {
        let root: LocatedJSON
        do {
            root = try LocatedJSON.parse(bytes, keepsRepeatedNames: true)
        } catch {
            problems.append(Problem(line: error.line, column: error.column, sentence: error.reason))
            return
        }
        guard let members = root.objectValue else {
            problems.append(
                Problem(
                    line: root.line, column: root.column,
                    sentence: "the file must be one object of settings: {\"service\": …}"
                ))
            return
        }
        var seen: [String: Int] = [:]
        for member in members {
            let (line, column) = (member.value.line, member.value.column)
            let place = Place(line: member.line, column: member.column)
            if let first = seen[member.name] {
                problems.append(
                    Problem(
                        line: place.line, column: place.column,
                        sentence: "`\(member.name)` stands in line \(first) already"))
                continue
            }
            seen[member.name] = place.line
            if let value = member.value.setting {
                entries.append(Entry(name: member.name, value: value, line: line, column: column, namePlace: place))
            } else {
                problems.append(
                    Problem(
                        line: line, column: column,
                        sentence: "`\(member.name)` must be text, a whole number, true or false"))
            }
        }
    }
}

extension LocatedJSON {
    fileprivate var setting: SettingValue? {
        switch value {
        case .bool(let flag): .flag(flag)
        case .string(let text): .text(text)
        case .number(let text): Int(text).map { .integer($0) }
        case .null, .array, .object: nil
        }
    }
}
