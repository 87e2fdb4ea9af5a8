/// Names that a service gives: of an error, of a request, of a resource. What looks otherwise is somebody's text, which may
/// hold a key, or a line end that forges a line of a log, and is not shown.
package enum ServiceName {
    /// What is shown in the place of such a text.
    package static let unreadable = "unreadable"

    /// The name of an error, such as `ThrottlingException`, `InvalidInstanceID.NotFound` or `invalid_grant`.
    package static func error(_ text: String) -> String {
        guard let first = text.utf8.first, isLetter(first), text.utf8.count <= 96,
            text.utf8.allSatisfy({
                isLetter($0) || $0.isASCIIDigit || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "_")
            })
        else { return unreadable }
        return text
    }

    /// The id of a request: letters, digits and dashes; nil for none.
    package static func request(_ text: String?) -> String? {
        guard let text, !text.isEmpty else { return nil }
        let isID = text.utf8.allSatisfy { isLetter($0) || $0.isASCIIDigit || "-_=+/".utf8.contains($0) }
        return isID && text.utf8.count <= 128 ? text : unreadable
    }

    /// A resource's ARN; empty for what is none.
    package static func resource(_ text: String) -> String {
        let isARN = text.utf8.allSatisfy { isLetter($0) || $0.isASCIIDigit || ":/-_.*".utf8.contains($0) }
        return isARN && text.hasPrefix("arn:") && text.utf8.count <= 1_024 ? text : ""
    }

    /// A media type without its parameters, such as `text/html`; nil for what is none.
    package static func mediaType(_ text: String?) -> String? {
        let type = (text ?? "").prefix { $0 != ";" }.split(separator: "/", omittingEmptySubsequences: false)
        let isType =
            type.count == 2
            && type.allSatisfy { part in
                !part.isEmpty && part.utf8.allSatisfy { isLetter($0) || $0.isASCIIDigit || "-+.".utf8.contains($0) }
            }
        return isType && type[0].utf8.count + type[1].utf8.count <= 80 ? type.joined(separator: "/") : nil
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}

extension String {
    /// In one line without control characters, which may forge a line of a log or speak to a terminal.
    package var withoutControls: String {
        guard unicodeScalars.contains(where: \.isControl) else { return self }
        var text = String.UnicodeScalarView()
        for scalar in unicodeScalars { text.append(scalar.isControl ? "?" : scalar) }
        return String(text)
    }
}

extension Unicode.Scalar {
    /// C0, DEL, C1, and the two separators that end a line.
    fileprivate var isControl: Bool {
        value < 0x20 || (0x7F...0x9F).contains(value) || value == 0x2028 || value == 0x2029
    }
}
