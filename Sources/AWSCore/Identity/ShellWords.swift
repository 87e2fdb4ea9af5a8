/// A command line cut into words as a POSIX shell cuts it, without anything else that a shell does: no variable, no glob,
/// no pipe, no tilde.
/// https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02
enum ShellWords {
    /// The words; nil where a quote is not closed or nothing follows a backslash.
    static func split(_ line: String) -> [String]? {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var characters = line.makeIterator()
        while let character = characters.next() {
            switch (character, quote) {
            case ("'", "'"), ("\"", "\""): quote = nil
            case (_, "'"): word = (word ?? "") + String(character)
            case ("\\", "\""):
                guard let next = characters.next() else { return nil }
                // Between double quotes a backslash is itself unless it protects one of these.
                word = (word ?? "") + ("\"\\$`".contains(next) ? "" : "\\") + String(next)
            case (_, "\""): word = (word ?? "") + String(character)
            case ("\\", _):
                guard let next = characters.next() else { return nil }
                word = (word ?? "") + String(next)
            case ("'", _), ("\"", _):
                quote = character
                word = word ?? ""
            case (" ", _), ("\t", _), ("\n", _):
                if let ended = word { words.append(ended) }
                word = nil
            default: word = (word ?? "") + String(character)
            }
        }
        guard quote == nil else { return nil }
        if let word { words.append(word) }
        return words
    }
}
