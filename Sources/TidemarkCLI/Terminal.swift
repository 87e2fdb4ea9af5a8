import Glibc

/// What a person sees: colour on a terminal only, never against NO_COLOR, and messages on standard error.
enum Terminal {
    /// The few emphases that reports use.
    enum Style: String {
        case bold = "1"
        case dim = "2"
        case red = "31"
        case green = "32"
        case yellow = "33"
        case cyan = "36"
    }

    static let outputIsTerminal = isatty(STDOUT_FILENO) == 1
    static let errorIsTerminal = isatty(STDERR_FILENO) == 1
    static let usesColour = outputIsTerminal && !noColour

    private static var noColour: Bool {
        guard let value = getenv("NO_COLOR") else { return false }
        return value.pointee != 0
    }

    static func styled(_ text: String, _ style: Style) -> String {
        usesColour ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }

    static func printError(_ message: String) {
        let name = errorIsTerminal && !noColour ? "\u{1B}[31mtidemark:\u{1B}[0m" : "tidemark:"
        writeToStandardError("\(name) \(message)\n")
    }

    /// Something that whoever reads the output should know, beside it.
    static func printNote(_ message: String) {
        let word = errorIsTerminal && !noColour ? "\u{1B}[36mnote:\u{1B}[0m" : "note:"
        writeToStandardError("\(word) \(message)\n")
    }

    /// A line of progress, on a terminal only.
    static func progress(_ text: String) {
        guard errorIsTerminal else { return }
        writeToStandardError("\r\u{1B}[K\(text)")
    }

    static func endProgress() {
        guard errorIsTerminal else { return }
        writeToStandardError("\r\u{1B}[K")
    }

    static func writeToStandardError(_ text: String) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { return }
            bytes = bytes.dropFirst(written)
        }
    }
}
