/// Cuts out of somebody else's text what looks like a secret, of which nothing is known but its looks.
enum SecretText {
    /// Runs shorter than this are words. No key or token of AWS is shorter.
    static let shortestRun = 16

    /// The text with `…` in the place of the value after a secret's name (`token=…`, `"SecretAccessKey": "…"`, `Bearer …`) and of
    /// each long run of letters and digits that no word, path or request's id is.
    static func cut(from text: String) -> String {
        let text = withoutUsers(text)
        var shown = ""
        var rest = text[...]
        var isValue = false
        while let first = rest.first {
            let run = rest.prefix { isOfRun($0) == isOfRun(first) }
            rest = rest[run.endIndex...]
            guard isOfRun(first), run.contains(where: { $0 != "=" }) else {
                // What may stand between a name and its value.
                isValue = isValue && run.allSatisfy { "\"': \t\\=.".contains($0) }
                shown += run
                continue
            }
            let parts = run.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let (name, value) = (parts[0], parts.count == 2 ? parts[1] : nil)
            let isAssignment = value != nil && isName(name)
            if isAssignment, let value, !isValue {
                shown += name + "=" + (value.isEmpty ? "" : "…")
                isValue = value.isEmpty
            } else {
                let isLead = !isValue && isLead(name, before: rest)
                shown += isValue && !isScheme(name) || looksRandom(run) ? "…" : run
                // A scheme before the value is none: "Authorization: Basic …".
                isValue = isLead || isValue && isScheme(name)
            }
        }
        return shown
    }

    private static func isOfRun(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber) || "+/=_-".contains(character)
    }

    private static let names = [
        "secret", "token", "password", "passwd", "passphrase", "credential", "accesskey", "apikey", "cookie", "session",
        "authorization",
    ]
    private static let shortNames: Set<String> = ["pw", "pwd", "pass", "sid"]
    /// What tokens of HashiCorp Vault begin with, before a dot.
    private static let marks: Set<String> = ["hvs", "hvb", "hvr"]

    private static func isName(_ text: Substring) -> Bool {
        let plain = text.lowercased().filter { $0 != "_" && $0 != "-" }
        return shortNames.contains(plain) || names.contains { plain.contains($0) }
    }

    private static func isScheme(_ text: Substring) -> Bool { ["bearer", "basic"].contains(text.lowercased()) }

    /// Without what stands before the @ of a URL.
    private static func withoutUsers(_ text: String) -> String {
        var shown = ""
        var rest = text[...]
        while let start = rest.firstRange(of: "://") {
            shown += rest[..<start.upperBound]
            rest = rest[start.upperBound...]
            let place = rest.prefix { !$0.isWhitespace && !"/?#\"'".contains($0) }
            guard let at = place.lastIndex(of: "@") else { continue }
            shown += "…"
            rest = rest[at...]
        }
        return shown + rest
    }

    /// Whether a secret follows: after its name and a colon or equals sign, or the name of a scheme.
    private static func isLead(_ name: Substring, before rest: Substring) -> Bool {
        if isScheme(name) { return rest.first == " " }
        if marks.contains(name.lowercased()) { return rest.first == "." }
        guard isName(name) else { return false }
        let after = rest.drop { "\"'\\ \t".contains($0) }
        if after.first == ":" || after.first == "=" { return true }
        // An option, or a word that is none of a sentence.
        guard rest.first?.isWhitespace == true else { return false }
        return name.hasPrefix("-") || isNoWord(after.prefix { isOfRun($0) })
    }

    /// Whether letters are mixed with digits, or large ones with small ones.
    private static func isNoWord(_ text: Substring) -> Bool {
        guard text.contains(where: \.isLetter) else { return false }
        return text.contains(where: \.isNumber)
            || text.dropFirst().contains(where: \.isUppercase) && text.contains(where: \.isLowercase)
    }

    private static func looksRandom(_ run: Substring) -> Bool {
        guard run.count >= shortestRun else { return false }
        let hasDigit = run.contains(where: \.isNumber)
        let (hasUpper, hasLower) = (run.contains(where: \.isUppercase), run.contains(where: \.isLowercase))
        if hasDigit && (hasUpper || run.allSatisfy(\.isHexDigit)) { return true }
        // A secret key may have no digit; a path or a name hardly changes between large and small letters so often.
        let changes = zip(run, run.dropFirst()).count { $0.isLowercase && $1.isUppercase }
        return run.count >= 32 && hasUpper && hasLower && changes * 8 >= run.count
    }
}
