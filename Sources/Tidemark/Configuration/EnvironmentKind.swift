/// What an environment's name says about what may be done in it. Where the name leaves a doubt, the stricter kind holds.
package enum EnvironmentKind: String, Equatable, Sendable {
    /// A word of the name holds `prod`, or is `prd` or `live`, and nothing right before it says that it is none.
    case production
    /// The first word is `development`, `dev` or `test`, and no other word says production or something before it.
    case local
    /// Any other name, and none.
    case other

    /// Words are what stands between characters that are neither letters nor digits; case and digits at a word's ends do
    /// not count.
    package init(_ name: String) {
        let words = name.lowercased().split { !$0.isLetter && !$0.isNumber }.map(Self.withoutNumber)
        var isBefore = false
        for (index, word) in words.enumerated() where Self.saysProduction(word) {
            let isDenied = index > 0 && Self.denials.contains(words[index - 1])
            guard isDenied || Self.denialWords.contains(where: word.hasPrefix) else {
                self = .production
                return
            }
            isBefore = true
        }
        isBefore = isBefore || words.contains { $0.hasPrefix("stag") || $0 == "stg" }
        self = !isBefore && words.first.map(Self.locals.contains) == true ? .local : .other
    }

    private static let locals: Set<String> = ["development", "dev", "test"]
    private static let denials: Set<String> = ["non", "not", "no", "pre"]
    private static let denialWords = denials.flatMap { denial in ["prod", "prd", "live"].map { denial + $0 } }

    private static func saysProduction(_ word: String) -> Bool {
        word.contains("prod") || word == "prd" || word == "live" || denialWords.contains(word)
    }

    private static func withoutNumber(_ word: Substring) -> String {
        var word = word.drop(while: \.isNumber)
        while word.last?.isNumber == true { word.removeLast() }
        return String(word)
    }

    /// What holds in it, for a person.
    package var words: String {
        switch self {
        case .production:
            "production: endpoints that are local or without TLS, stand-ins for keys and keys in code are refused"
        case .local: "development or test: everything is allowed"
        case .other: "neither production nor a test: local endpoints are refused, keys are not looked at"
        }
    }
}
