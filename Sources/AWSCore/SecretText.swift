/// Cuts out of somebody else's text what looks like a secret, of which nothing is known but its looks.
enum SecretText {
    /// Runs shorter than this are words. No key or token of AWS is shorter.
    static let shortestRun = 16

    /// The text with `…` in the place of the value after a secret's name (`token=…`, `"SecretAccessKey": "…"`, `Bearer …`) and of
    /// each long run of letters and digits that no word, path or request's id is.
    static func cut(from text: String) -> String {
        var shown = ""
        var rest = text[...]
        var isValue = false
        while let first = rest.first {
            let run = rest.prefix { isOfRun($0) == isOfRun(first) }
            rest = rest[run.endIndex...]
            guard isOfRun(first), run.contains(where: { $0 != "=" }) else {
                // What may stand between a name and its value.
                isValue = isValue && run.allSatisfy { "\"': \t\\=".contains($0) }
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
                shown += isValue || looksRandom(run) ? "…" : run
                isValue = !isValue && isLead(name, before: rest)
            }
        }
        return shown
    }

    private static func isOfRun(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber) || "+/=_-".contains(character)
    }

    private static let names = [
        "secret", "token", "password", "passwd", "passphrase", "credential", "accesskey", "apikey",
    ]

    private static func isName(_ text: Substring) -> Bool {
        let plain = text.lowercased().filter { $0 != "_" && $0 != "-" }
        return names.contains { plain.contains($0) }
    }

    /// Whether a secret follows: after its name and a colon or equals sign, or the name of a scheme.
    private static func isLead(_ name: Substring, before rest: Substring) -> Bool {
        if ["bearer", "basic"].contains(name.lowercased()) { return rest.first == " " }
        guard isName(name) else { return false }
        let mark = rest.drop { "\"'\\ \t".contains($0) }.first
        return mark == ":" || mark == "="
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
