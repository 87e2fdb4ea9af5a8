internal import ContractModel

/// How the bytes of an item are shared out among its attributes: each has its name, and what its type or its declared length says
/// of its value; those of which neither tells anything share what is left equally.
///
/// Source of the sizes by type:
/// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
struct AttributeShares {
    /// The most that a number takes: 38 digits, two of them in a byte, and a byte or two beside them.
    static let numberInBytes = 21

    private let known: [String: Double]
    private let rest: Double
    private let scale: Double

    /// - Parameter size: an item's.
    init(_ kind: ContractEntity, size: Double) {
        var known: [String: Double] = [:]
        var lengths = 0.0
        for attribute in kind.attributes {
            guard let length = AttributeShares.valueInBytes(attribute) else { continue }
            let bytes = Double(attribute.name.utf8.count + length)
            // A length beyond the item's says nothing of it.
            guard bytes < size else { continue }
            known[attribute.name] = bytes
            lengths += bytes
        }
        self.known = known
        let open = Double(kind.attributes.count - known.count)
        let equal = kind.attributes.isEmpty ? 0 : size / Double(kind.attributes.count)
        // Lengths are the most that there can be: where they leave the others nothing, all have less.
        rest = open == 0 ? 0 : lengths < size ? (size - lengths) / open : equal
        let all = lengths + rest * open
        scale = all > size ? size / all : 1
    }

    func bytes(of attribute: ContractAttribute) -> Double { (known[attribute.name] ?? rest) * scale }

    /// By what they are shared out.
    var words: String {
        known.isEmpty
            ? "taken to be of equal size"
            : "by their types and declared lengths, those of which neither tells a size taken to be of equal size"
    }

    /// About how many bytes the value has at most; nil where nothing tells.
    private static func valueInBytes(_ attribute: ContractAttribute) -> Int? {
        switch attribute.type {
        case .BOOL, .NULL: 1
        case .N: numberInBytes
        case .S: attribute.maximumLengthInBytes ?? KeyBytes.usual(attribute)
        case .B: attribute.maximumLengthInBytes
        // A relational type says nothing of what is put together from its values.
        case .SS, .NS, .BS, .M, .L: attribute.sourceType == nil ? attribute.maximumLengthInBytes : nil
        }
    }
}
