/// What a request carries that opens something, to be cut out of what its answer says: it is worth something to whoever
/// reads it, and nothing to whoever looks for the fault.
struct SentSecrets: Sendable, CustomStringConvertible, CustomReflectable {
    /// Each in every form that a server may give it back in, the longer before what they hold.
    private let texts: [String]

    /// Shows none of them.
    var description: String { "SentSecrets" }
    var customMirror: Mirror { Mirror(self, children: []) }

    /// - Parameter others: what the request holds elsewhere than in its headers.
    init(_ request: HTTPRequest, and others: [String] = []) {
        var held = others
        for header in request.headers where Self.headers.contains(where: header.name.equalsIgnoringASCIICase) {
            held.append(header.value)
            if let mark = header.value.firstRange(of: "Signature=") {
                held.append(String(header.value[mark.upperBound...]))
            } else if let space = header.value.firstIndex(of: " ") {
                // "Bearer …": the token alone, too.
                held.append(String(header.value[header.value.index(after: space)...]))
            }
        }
        // No real one is short; a stand-in of a test must not cut the words of an error code.
        let forms = Set(held.filter { $0.utf8.count >= 12 }.flatMap(Self.forms))
        texts = forms.sorted { ($1.utf8.count, $0) < ($0.utf8.count, $1) }
    }

    private static let headers = [
        "Authorization", "X-Amz-Security-Token", "x-amz-sso_bearer_token", "X-aws-ec2-metadata-token",
        "Proxy-Authorization",
    ]

    /// As it was sent, and as JSON, forms, URLs and web pages write it.
    private static func forms(of secret: String) -> [String] {
        let slashed = secret.replacing("/", with: "\\/")
        let encoded = PercentEncoding.encoded(secret)
        return [
            secret, slashed, unicodeEscaped(secret, isUpperCase: true), unicodeEscaped(secret, isUpperCase: false),
            encoded, encoded.replacing("~", with: "%7E"), lowerCaseEscapes(encoded),
            secret.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing("\"", with: "&quot;"),
        ]
    }

    /// What no letter or digit is, as `\u002b`.
    private static func unicodeEscaped(_ text: String, isUpperCase: Bool) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            let isPlain =
                scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || "-._".unicodeScalars.contains(scalar)
            guard !isPlain, scalar.isASCII else {
                escaped.unicodeScalars.append(scalar)
                continue
            }
            let digits = String(scalar.value, radix: 16, uppercase: isUpperCase)
            escaped += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
        return escaped
    }

    private static func lowerCaseEscapes(_ encoded: String) -> String {
        let parts = encoded.split(separator: "%", omittingEmptySubsequences: false)
        return parts.dropFirst().reduce(String(parts.first ?? "")) {
            $0 + "%" + $1.prefix(2).lowercased() + $1.dropFirst(2)
        }
    }

    /// The text without them.
    func cut(from text: String) -> String {
        texts.reduce(text) { text, secret in
            text.utf8.count < secret.utf8.count ? text : text.replacing(secret, with: "…")
        }
    }
}
