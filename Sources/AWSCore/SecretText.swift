/// Cuts out of somebody else's text what looks like a secret, of which nothing is known but its looks.
enum SecretText {
    /// Runs shorter than this are words. No key or token of AWS is shorter.
    static let shortestRun = 16

    /// The text with `…` in the place of the value after a secret's name (`token=…`, `"SecretAccessKey": "…"`, `Bearer …`,
    /// `password is …`) and of each long run of letters and digits that no word, path or request's id is.
    static func cut(from text: String) -> String {
        let text = withoutOptions(withoutUsers(text))
        var shown = ""
        var rest = text[...]
        var isValue = false
        while let first = rest.first {
            let run = rest.prefix { isOfRun($0) == isOfRun(first) }
            rest = rest[run.endIndex...]
            guard isOfRun(first), run.contains(where: { $0 != "=" }) else {
                // What may stand between a name and its value.
                isValue = isValue && run.allSatisfy { "\"'`: \t\\=.".contains($0) }
                shown += run
                if isValue, let quote = run.last, isQuote(quote), run.dropLast().last != quote {
                    // All of it, however many words it has, and to the end where nothing closes it.
                    rest = rest[rest.prefix { $0 != quote }.endIndex...]
                    shown += "…"
                    isValue = false
                }
                continue
            }
            let parts = run.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let (name, value) = (parts[0], parts.count == 2 ? parts[1] : nil)
            let isAssignment = value != nil && isName(name)
            if isAssignment, let value, !isValue {
                shown += name + "=" + (value.isEmpty ? "" : "…")
                isValue = value.isEmpty
            } else {
                let lead = isValue ? nil : lead(name, before: rest)
                shown += isValue && !isScheme(name) || isKnownKey(run) || looksRandom(run) ? "…" : run
                // A scheme before the value is none: "Authorization: Basic …".
                isValue = lead != nil || isValue && isScheme(name)
                guard let lead else { continue }
                shown += lead
                rest = rest[lead.endIndex...]
                guard isPhrase(name) else { continue }
                // It is made of words, as far as the sentence goes.
                let words = rest.prefix { !",;".contains($0) }
                let space = words.prefix { " \t:=".contains($0) }
                guard let first = words.dropFirst(space.count).first, !isQuote(first) else { continue }
                shown += space + "…"
                rest = rest[words.endIndex...]
                isValue = false
            }
        }
        return shown
    }

    private static func isQuote(_ character: Character) -> Bool { "\"'`".contains(character) }

    private static func isOfRun(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber) || "+/=_-".contains(character)
    }

    private static let names = [
        "secret", "token", "password", "passwd", "passphrase", "credential", "accesskey", "apikey", "cookie", "session",
        "authorization",
    ]
    private static let shortNames: Set<String> = ["pw", "pwd", "pass", "sid", "pin", "otp", "totp", "passcode", "sig"]
    /// What tokens of HashiCorp Vault begin with, before a dot.
    private static let marks: Set<String> = ["hvs", "hvb", "hvr"]
    /// What keys of well-known services begin with, which need not look random.
    private static let keyMarks = [
        "sk-", "sk_", "rk_", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "xoxb-", "xoxp-", "xoxa-",
        "AIza", "dop_v1_", "whsec_",
    ]

    private static func isKnownKey(_ run: Substring) -> Bool {
        guard run.count >= 12 else { return false }
        if keyMarks.contains(where: run.hasPrefix) { return true }
        return ["AKIA", "ASIA"].contains(where: run.hasPrefix) && run.allSatisfy { $0.isUppercase || $0.isNumber }
    }

    /// Names of what a person types, after which also a plain word is one: "password hunter".
    private static func isPassword(_ text: Substring) -> Bool {
        let plain = text.lowercased()
        return plain == "pw" || plain == "pwd" || ["password", "passwd", "passphrase"].contains { plain.hasSuffix($0) }
    }

    private static func isPhrase(_ text: Substring) -> Bool { text.lowercased().hasSuffix("passphrase") }

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

    /// Without what programs of the command line take as a password (`-u name:password`, `-p password`), and the digits of a
    /// `PIN 1234` or an `OTP code 123456`.
    private static func withoutOptions(_ text: String) -> String {
        var before = ["", ""]
        return text.split(separator: " ", omittingEmptySubsequences: false).map { word in
            defer { before = [before[1], word.lowercased()] }
            if before[1] == "-u" || before[1] == "--user", let colon = word.firstIndex(of: ":") {
                return word[...colon] + "…"
            }
            if before[1] == "-p", !word.isEmpty, !word.hasPrefix("-") { return "…" }
            let isCode = (4...8).contains(word.count) && word.allSatisfy(\.isNumber)
            return isCode && before.contains(where: codeNames.contains) ? "…" : word
        }.joined(separator: " ")
    }

    private static let codeNames: Set<String> = ["pin", "otp", "totp", "mfa", "passcode"]

    /// What stands between a secret's name and what leads to the secret, often nothing: after the name a colon or equals sign, a
    /// quote, or "is", or the name of a scheme. Nil where no secret follows.
    private static func lead(_ name: Substring, before rest: Substring) -> Substring? {
        let nothing = rest.prefix(0)
        if isScheme(name) { return rest.first == " " ? nothing : nil }
        if marks.contains(name.lowercased()) { return rest.first == "." ? nothing : nil }
        guard isName(name) else { return nil }
        let after = rest.drop { "\"'\\ \t".contains($0) }
        if after.first == ":" || after.first == "=" { return nothing }
        // An option, or a word that is none of a sentence.
        guard rest.first?.isWhitespace == true else { return nil }
        let word = after.prefix { isOfRun($0) }
        if name.hasPrefix("-") || isNoWord(word) { return nothing }
        let isQuoted = rest.first { !$0.isWhitespace }.map(isQuote) ?? false
        if isPassword(name), isQuoted || isNoSentence(word) { return nothing }
        guard verbs.contains(word.lowercased()), !isQuoted else { return nil }
        let value = rest[word.endIndex...].drop { "\"'`: \t".contains($0) }.prefix { isOfRun($0) }
        let isQuotedValue = rest[word.endIndex...].first { !" \t:".contains($0) }.map(isQuote) ?? false
        return isQuotedValue || isNoSentence(value) ? rest[..<word.endIndex] : nil
    }

    private static let verbs: Set<String> = ["is", "was"]
    /// Words that go on with a sentence about a secret and are none.
    private static let sentenceWords = Set(
        """
        a about after again agent already also an and any are as at auth authentication authorization be because been before being but \
        by cache callback can cannot changed command could credentials data database denied did disabled do does doesn didn empty \
        endpoint entry exceeded expired expires expiry expiring failed failure field file for format found from given good had has hasn have \
        helper if ignored in incorrect input invalid is isn issued issuer it known limited locked login longer malformed manager may method \
        mismatch missing must needed needs never no none not now null of off ok old on only or out please policy present prompt protected \
        provided provider read refused rejected request required reset revoked rotated server service set should stale still store than that \
        the then there this to too unknown unset unsupported until used user using valid value verification via was wasn were when which will won \
        with without would wrong you your
        """.split(separator: " ").map(String.init))

    /// Whether it is a word, and none that a sentence goes on with.
    private static func isNoSentence(_ word: Substring) -> Bool {
        !word.isEmpty && !sentenceWords.contains(word.lowercased())
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
