/// One of AWS's shared files, in memory.
struct ProfileFile {
    /// Settings by section; a nested one is named `outer.inner`. Setting names are in lower case.
    private var sections: [String: [String: String]] = [:]
    /// The lines that these settings stand in, from 1.
    private(set) var lines: [String: [String: Int]] = [:]
    /// What is wrong with a section, which concerns only whoever uses it.
    private var problems: [String: AWSConfigurationError] = [:]
    let path: String

    /// The names of all sections, a quoted name without its quotes.
    var names: [String] { Array(sections.keys) }

    func has(_ section: String) -> Bool { sections[section] != nil }

    /// A section's settings; nil where there is no such section.
    func settings(of section: String) throws(AWSConfigurationError) -> [String: String]? {
        if let problem = problems[section] { throw problem }
        return sections[section]
    }

    init(parsing bytes: [UInt8], path: String) throws(AWSConfigurationError) {
        self.path = path
        var section: String?
        var outer: String?
        // Some editors begin a file with a mark of its encoding.
        let hasMark = bytes.starts(with: [0xEF, 0xBB, 0xBF])
        let text = String(decoding: bytes.dropFirst(hasMark ? 3 : 0), as: UTF8.self)
        for (index, rawLine) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let line = ProfileFile.withoutComment(rawLine)
            guard !line.isEmpty else { continue }
            func refusal(_ reason: String) -> AWSConfigurationError {
                AWSConfigurationError(message: "\(path):\(index + 1): \(reason)")
            }
            if line.first == "[" {
                guard line.last == "]" else { throw refusal("the section's name is not closed: end it with ]") }
                guard let name = ProfileFile.sectionName(line.dropFirst().dropLast()) else {
                    throw refusal("the section has no name: write it between [ and ]")
                }
                // One without settings is there nevertheless.
                sections[name, default: [:]].merge([:]) { old, _ in old }
                section = name
                outer = nil
                continue
            }
            guard let section else { throw refusal("a setting stands before the first [section]: put it below one") }
            let isNested = rawLine.first == " " || rawLine.first == "\t"
            guard let (name, value) = ProfileFile.setting(line, takesColon: !isNested || outer == nil) else {
                if problems[section] == nil {
                    problems[section] = refusal("this line is no setting: write it as name = value")
                }
                continue
            }
            let fullName: String
            if isNested, let outer {
                fullName = "\(outer).\(name)"
            } else {
                outer = value.isEmpty ? name : nil
                fullName = name
            }
            sections[section, default: [:]][fullName] = value
            lines[section, default: [:]][fullName] = index + 1
        }
    }

    /// Kinds of sections that have names of their own, which may be quoted as a shell has it.
    private static let namedKinds = ["profile", "sso-session", "services"]

    /// `profile my dev` of `[profile 'my dev']`; nil where there is none.
    private static func sectionName(_ text: Substring) -> String? {
        let words = text.split(whereSeparator: { $0 == " " || $0 == "\t" })
        guard let kind = words.first else { return nil }
        if namedKinds.contains(String(kind)), let unquoted = ShellWords.split(String(text)), unquoted.count == 2 {
            return unquoted.joined(separator: " ")
        }
        return words.joined(separator: " ")
    }

    /// Between name and value stands `=`, or `:` where no other setting is around it.
    private static func setting(_ line: Substring, takesColon: Bool) -> (name: String, value: String)? {
        guard let mark = line.firstIndex(where: { $0 == "=" || takesColon && $0 == ":" }) else { return nil }
        let name = trimmed(line[..<mark])
        let value = trimmed(line[line.index(after: mark)...])
        return name.isEmpty ? nil : (name.lowercased(), String(value))
    }

    /// A comment starts a line, or follows white space.
    private static func withoutComment(_ line: Substring) -> Substring {
        let line = trimmed(line)
        if line.first == "#" || line.first == ";" { return "" }
        for mark in [" #", " ;", "\t#", "\t;"] {
            if let range = line.firstRange(of: mark) { return trimmed(line[..<range.lowerBound]) }
        }
        return line
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
