internal import ContractModel

/// What texts a key's template can make, as far as the sources of its holes tell: literal text and values between separators.
struct KeyShape: Hashable {
    /// A stretch of the key.
    enum Piece: Hashable {
        case text(String)
        case value(KeyValue)
    }

    /// What stands between separators, which no value is taken to hold.
    private let segments: [[Piece]]

    private static let separators: Set<Character> = ["#", "|"]

    /// - Parameter template: nil where the attribute itself holds the key.
    init(_ key: KeyAttribute, _ template: KeyTemplate?, in view: EntityView) {
        let pieces = (template ?? KeyTemplate("{\(key.name)}")).pieces
        self.init(
            pieces.map { piece in
                switch piece {
                case .literal(let text): .text(text)
                case .placeholder(let hole): .value(KeyValue(hole, key: key.name, in: view))
                }
            })
    }

    private init(_ pieces: [Piece]) {
        var segments: [[Piece]] = [[]]
        for piece in pieces {
            guard case .text(let text) = piece else {
                segments[segments.count - 1].append(piece)
                continue
            }
            for (number, part) in text.split(
                omittingEmptySubsequences: false, whereSeparator: KeyShape.separators.contains
            )
            .enumerated() {
                if number > 0 { segments.append([]) }
                if !part.isEmpty { segments[segments.count - 1].append(.text(String(part))) }
            }
        }
        self.segments = segments
    }

    /// Whether one text can be made by both.
    func canEqual(_ other: KeyShape) -> Bool {
        segments.count == other.segments.count
            && zip(segments, other.segments).allSatisfy { KeyShape.canEqual($0, $1) }
    }

    /// Whether both have the same texts, and some, around values of their own: "EMAIL#{email}" and "EMAIL#{card_no}".
    func hasTexts(of other: KeyShape) -> Bool {
        let (one, two) = (texts, other.texts)
        return one == two && one.contains { $0.contains { $0?.contains(where: \.isLetter) == true } }
    }

    /// The pieces of each segment, nil for a value.
    private var texts: [[String?]] {
        segments.map { pieces in
            pieces.map { piece -> String? in if case .text(let text) = piece { text } else { nil } }
        }
    }

    private static func canEqual(_ left: [Piece], _ right: [Piece]) -> Bool {
        let (one, two) = (Ends(left), Ends(right))
        guard let first = one.value, let second = two.value else {
            if one.value == nil, two.value == nil { return one.front == two.front }
            let (text, ends) = one.value == nil ? (one.front, two) : (two.front, one)
            return ends.canMake(text)
        }
        guard one.front.hasPrefix(two.front) || two.front.hasPrefix(one.front),
            one.back.hasSuffix(two.back) || two.back.hasSuffix(one.back)
        else { return false }
        guard one.front != two.front || one.back != two.back else { return first.canEqual(second) }
        // "A{x}" makes what "AB{y}" does where x can begin with "B": only where people choose it.
        return (one.front.count + one.back.count < two.front.count + two.back.count ? first : second).kind == .text
    }

    /// A segment as what it begins and ends with, and what stands between.
    private struct Ends {
        var front = ""
        var back = ""
        /// The value between them; nil for text alone. Where there are several, the first stands for them.
        var value: KeyValue?

        init(_ pieces: [Piece]) {
            for piece in pieces {
                switch piece {
                case .text(let text): if value == nil { front += text } else { back += text }
                case .value(let found):
                    value = value ?? found
                    back = ""
                }
            }
        }

        /// Whether a text can be a value's: only where people choose it, since no id and no date is called "PROFILE".
        func canMake(_ text: String) -> Bool {
            text.count > front.count + back.count && text.hasPrefix(front) && text.hasSuffix(back)
                && value?.kind == .text
        }
    }
}

/// The value of a hole: where it comes from and what it can be.
struct KeyValue: Hashable {
    /// What a value can be, by its type and the words of its name.
    enum Kind: Hashable {
        case number, date, email, uuid
        /// A name by which something is known: neither a date nor an address.
        case id
        /// Whatever people write.
        case text
    }

    /// "users.email": two holes of the same source hold the same values.
    let source: String
    let kind: Kind

    init(_ hole: String, key: String, in view: EntityView) {
        let attribute = view.source(of: hole, key: key) ?? view.attribute(hole)
        let column = attribute?.joinedColumn ?? attribute?.sourceColumns.first ?? hole
        let table = attribute?.join == nil ? attribute?.sourceTable ?? view.entity.sourceTable : nil
        source = column.contains(".") ? column : "\(table ?? "").\(column)"
        let words = Set(NameStem.words(column) + NameStem.words(hole))
        if attribute?.type == .N {
            kind = .number
        } else if attribute.map({ EntityView.isTime($0) }) ?? EntityView.isTime(hole) {
            kind = .date
        } else if !words.isDisjoint(with: ["uuid", "guid", "ulid", "ksuid"]) {
            kind = .uuid
        } else if words.contains("email") || words.contains("mail") {
            kind = .email
        } else {
            kind = words.isDisjoint(with: ["id", "ids", "key", "code", "no", "number"]) ? .text : .id
        }
    }

    func canEqual(_ other: KeyValue) -> Bool {
        if source == other.source || kind == other.kind { return true }
        let kinds: Set = [kind, other.kind]
        if kinds.contains(.date) || kinds.contains(.uuid) { return false }
        return !(kinds.contains(.email) && (kinds.contains(.id) || kinds.contains(.number)))
    }
}
