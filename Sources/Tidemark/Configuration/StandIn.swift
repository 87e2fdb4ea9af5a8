/// What shows that a key is a stand-in for one, such as local servers take. Pure.
///
/// Real keys are chance letters, of which some spell a word: a key that AWS may have made needs seven letters of such words,
/// so that no role of a large fleet is refused by chance.
enum StandIn {
    private static let names: Set<String> = [
        "testing", "localstack", "none", "foo", "dummykey", "accesskey",
    ]
    private static let words = [
        "PLACEHOLDER", "CHANGEME", "CHANGE_ME", "ACCESS_KEY", "ACCESSKEY", "SECRET_KEY", "1234567890", "EXAMPLE",
        "DUMMY",
        "LOCAL", "FAKE", "TEST", "MOCK",
    ]
    private static let lettersThatAreNoChance = 7
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_AccessKey.html
    private static let shortestID = 16
    /// Of all that AWS has made so far.
    static let lengthOfIDs = 20
    private static let lengthOfSecrets = 40

    /// Why the id of an access key is none; nil where it may be one.
    static func reason(ofID id: String) -> String? {
        if names.contains(id.lowercased()) { return "it is a word" }
        if let reason = reasonOfWords(id, mayBeAWS: mayBeMadeByAWS(id)) { return reason }
        if id.utf8.count < shortestID { return "it is shorter than \(shortestID) characters" }
        if isOneCharacter(id) || isOneCharacter(id.dropFirst(4)) { return "it is one character over and over" }
        return nil
    }

    /// Why a secret is none, without a word of it; nil where it may be one.
    static func reason(ofSecret secret: String) -> String? {
        if secret.utf8.count < lengthOfSecrets { return "it is shorter than \(lengthOfSecrets) characters" }
        if isOneCharacter(secret[...]) { return "it is one character over and over" }
        let mayBeAWS = secret.utf8.allSatisfy {
            isLetterOrDigit($0) || $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "/")
        }
        return reasonOfWords(secret, mayBeAWS: mayBeAWS) == nil ? nil : "it is made of words"
    }

    private static func reasonOfWords(_ text: String, mayBeAWS: Bool) -> String? {
        var rest = text.uppercased()
        var letters = 0
        var first: String?
        for word in words where rest.contains(word) {
            first = first ?? word
            letters += word.utf8.count * (rest.components(of: word) - 1)
            rest = rest.replacing(word, with: " ")
        }
        guard let first, !mayBeAWS || letters >= lettersThatAreNoChance else { return nil }
        return "it holds \"\(first.lowercased())\""
    }

    /// AKIA or ASIA and sixteen of the letters and digits of base 32.
    static func mayBeMadeByAWS(_ id: String) -> Bool {
        id.utf8.count == 20 && (id.hasPrefix("AKIA") || id.hasPrefix("ASIA"))
            && id.utf8.allSatisfy { (0x41...0x5A).contains($0) || (0x32...0x37).contains($0) }
    }

    private static func isOneCharacter(_ text: some StringProtocol) -> Bool { Set(text.utf8).count == 1 }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
}

extension String {
    /// In how many parts the word cuts the text.
    fileprivate func components(of word: String) -> Int {
        split(separator: word, omittingEmptySubsequences: false).count
    }
}
