package import ContractModel

/// Holds items that are stored against what the contract makes of them: keys against the fields that they are made of, dates and
/// numbers against their formats. What holds when an item is written (`EntityLayout.stored`) is asked of one that is there.
package struct StoredItemCheck: Sendable, Equatable {
    /// One thing that the contract would not have written so. It names attributes and shows no value.
    package struct Departure: Sendable, Hashable {
        /// What is wrong.
        package enum Kind: Sendable, Hashable {
            /// A key that its fields do not make, or that should be there and is not.
            case key
            /// A date or a number that is not written in its format.
            case format
        }

        package var kind: Kind
        package var attribute: String
        /// The departure, as a sentence without its end.
        package var words: String
    }

    private let layout: EntityLayout
    private let numbers: [Numbered]

    private struct Numbered: Sendable, Hashable {
        var name: String
        var format: NumberFormat
    }

    /// Of one kind of item of a table.
    package init(table: ContractTable, entity: ContractEntity) {
        layout = EntityLayout(table: table, entity: entity)
        numbers = entity.attributes.compactMap { attribute in
            guard attribute.type == .S, case .numberFormat(let format)? = attribute.transformation else { return nil }
            return Numbered(name: attribute.name, format: format)
        }
    }

    /// All that departs, in the order of keys and fields.
    package func departures(of item: Item) -> [Departure] {
        let fields = layout.fields(of: item)
        return layout.keys.compactMap { departure(of: $0, in: item, fields: fields) }
            + layout.fields.compactMap { date($0, in: item) }
            + numbers.compactMap { number($0.name, $0.format, in: item) }
    }

    private func departure(of key: EntityLayout.Key, in item: Item, fields: Item) -> Departure? {
        // A key of another type is told as that.
        if let given = item[key.attribute], given.type != key.type { return nil }
        let told = key.rule.templates.map(\.source).joined(separator: " or ")
        let wrong = "\(key.attribute) is not \(told) with the item's own attributes in it"
        let made: AttributeValue?
        do {
            made = try layout.made(key, from: fields)
        } catch {
            return Departure(kind: .key, attribute: key.attribute, words: wrong)
        }
        switch (item[key.attribute], made) {
        case (nil, nil): return nil
        case (nil, .some):
            let words = "\(key.attribute) is missing, and the item's own attributes make one"
            return Departure(kind: .key, attribute: key.attribute, words: words)
        case (let given?, let made?):
            return given.keyIdentity == made.keyIdentity
                ? nil : Departure(kind: .key, attribute: key.attribute, words: wrong)
        case (let given?, nil):
            if layout.isWithout(key, in: fields) {
                let words = "\(key.attribute) stands in an item that the contract gives none"
                return Departure(kind: .key, attribute: key.attribute, words: words)
            }
            return layout.hasForm(of: key, given, in: fields)
                ? nil : Departure(kind: .key, attribute: key.attribute, words: wrong)
        }
    }

    private func date(_ field: EntityLayout.Field, in item: Item) -> Departure? {
        guard field.isStored, let dates = field.dates, let value = item[field.name], value.type == field.type else {
            return nil
        }
        do {
            try layout.check(value, of: field)
            return nil
        } catch {
            return Departure(
                kind: .format, attribute: field.name, words: "\(field.name) is no date in the form \(dates.source)")
        }
    }

    private func number(_ name: String, _ format: NumberFormat, in item: Item) -> Departure? {
        guard let text = item[name]?.stringValue, let shape = format.shape, text != layout.field(named: name)?.nullText,
            shape.number(in: text).map({ shape.text(of: $0) }) != text
        else { return nil }
        return Departure(kind: .format, attribute: name, words: "\(name) is no number in the form \(format.source)")
    }
}
