/// How items of one kind are laid out: the fields that a program gives, and the keys that are made of them.
///
/// A field is an attribute that is no mere copy for an index, or a value that only keys hold: `{user_email}` of a partition
/// key. What a contract says with joins and conditions ("parent_id IS NULL" gives "ROOT") is a `KeyRule` here, as far as the
/// values that it asks for are fields.
public struct EntityLayout: Sendable, Hashable {
    /// The table's name.
    public var table: String
    /// The kind of item; the table's name where it has one kind only.
    public var entity: String
    /// What a program gives, in the contract's order.
    public var fields: [Field]
    /// The keys that are made of fields: the table's, then those of the indexes that are no fields themselves.
    public var keys: [Key]
    /// Other kinds of items that a Query or a Scan of this kind can come upon, to be told from it by their keys.
    public var others: [Other]

    /// Puts the parts together.
    public init(table: String, entity: String, fields: [Field], keys: [Key], others: [Other] = []) {
        self.others = others
        self.table = table
        self.entity = entity
        self.fields = fields
        self.keys = keys
    }

    /// What messages call the kind of item: "Users CART", "Products".
    public var place: String { entity == table ? table : "\(table) \(entity)" }

    /// The field of exactly that name.
    public func field(named name: String) -> Field? { fields.first { $0.name == name } }

    /// The key of exactly that attribute.
    public func key(named attribute: String) -> Key? { keys.first { $0.attribute == attribute } }

    /// A value that a program gives.
    public struct Field: Sendable, Hashable {
        /// The attribute's name; of a field that only keys hold, the name of their hole.
        public var name: String
        /// The attribute's type.
        public var type: AttributeType
        /// Whether an attribute of this name stores it. Otherwise it is read back out of a key.
        public var isStored: Bool
        /// Whether an item must have it: by the contract, or because the table's key is made of it.
        public var isRequired: Bool
        /// The text that is stored where the field has no value; nil where the attribute is then left out.
        public var nullText: String?
        /// The form of its dates, where the contract names one.
        public var dates: DateFormat?
        /// Whether its dates have a time of day, since their column has one, where the form leaves that open.
        public var isMoment: Bool
        /// The form of a number that is stored as a text, where the contract names one.
        public var numbers: NumberFormat?
        /// The fields that decide a key of an index which the contract computes in a way that is not carried out here: whoever
        /// changes one of these has to say what becomes of it.
        public var madeOf: [String]
        /// Whether such a key holds nothing but what the item has besides, so that whoever stores an item has to give it too.
        public var isAskedFor: Bool

        /// Makes a field.
        public init(
            name: String, type: AttributeType, isStored: Bool = true, isRequired: Bool = false,
            nullText: String? = nil, dates: DateFormat? = nil, isMoment: Bool = false, numbers: NumberFormat? = nil,
            madeOf: [String] = [],
            isAskedFor: Bool = false
        ) {
            self.isMoment = isMoment
            self.numbers = numbers
            self.madeOf = madeOf
            self.isAskedFor = isAskedFor
            self.name = name
            self.type = type
            self.isStored = isStored
            self.isRequired = isRequired
            self.nullText = nullText
            self.dates = dates
        }
    }

    /// A key attribute that is made of fields.
    public struct Key: Sendable, Hashable {
        /// What the attribute is a key of.
        public enum Role: Sendable, Hashable {
            case partition
            case sort
            /// Of an index. An item without it is not in the index.
            case index
        }

        /// The attribute's name.
        public var attribute: String
        /// The attribute's type.
        public var type: AttributeType
        /// What it is a key of.
        public var role: Role
        /// How it is made.
        public var rule: KeyRule

        /// Makes a key.
        public init(attribute: String, type: AttributeType = .S, role: Role, rule: KeyRule) {
            self.attribute = attribute
            self.type = type
            self.role = role
            self.rule = rule
        }
    }
}

/// How a key is made of fields.
public struct KeyRule: Sendable, Hashable {
    /// A field on which the rule depends: on whether it has a value, or on which it has.
    public struct Condition: Sendable, Hashable {
        /// The field's name.
        public var field: String
        /// Whether the rule's value applies where the field has none; otherwise, where it has one.
        public var isAbsent: Bool
        /// The values for which it applies, as keys have them, true and false by these words; empty where it is any.
        public var values: [String]

        /// Makes a condition on the field's presence.
        public init(field: String, isAbsent: Bool) {
            self.field = field
            self.isAbsent = isAbsent
            values = []
        }

        /// Makes a condition on the field's value.
        public init(field: String, isOneOf values: [String]) {
            self.field = field
            isAbsent = false
            self.values = values
        }

        /// Whether it holds of the field's value; nil for none.
        public func holds(of value: String?) -> Bool {
            guard let value, !isAbsent else { return value == nil && isAbsent }
            return values.isEmpty || values.contains(value)
        }
    }

    /// What decides between `value` and `otherwise`; nil where `value` always applies.
    public var condition: Condition?
    /// The key, its holes named as fields; nil where there is then none.
    public var value: KeyTemplate?
    /// The key where the condition does not hold; nil where there is then none.
    public var otherwise: KeyTemplate?

    /// A key that is always made in one way.
    public init(_ value: KeyTemplate) { self.value = value }

    /// A key that depends on a field.
    public init(condition: Condition, value: KeyTemplate?, otherwise: KeyTemplate?) {
        self.condition = condition
        self.value = value
        self.otherwise = otherwise
    }

    /// The template that applies, where `text` gives the fields' values as keys have them; nil for none.
    public func template(where text: (String) -> String?) -> KeyTemplate? {
        guard let condition else { return value }
        return condition.holds(of: text(condition.field)) ? value : otherwise
    }

    /// The templates that may apply.
    public var templates: [KeyTemplate] { [value, otherwise].compactMap(\.self) }

    /// The fields that the key depends on, each once.
    public var fields: [String] {
        var names: [String] = []
        for name in [condition?.field].compactMap(\.self) + templates.flatMap(\.placeholders)
        where !names.contains(name) {
            names.append(name)
        }
        return names
    }

    /// The field whose value the key is, unchanged; nil where it is anything else.
    public var copiedField: String? {
        guard condition == nil, let value, value.pieces.count == 1, case .placeholder(let name) = value.pieces[0] else {
            return nil
        }
        return name
    }
}
