internal import ContractModel

extension EntitySource {
    /// How the type is written and read.
    func coding(_ text: inout SwiftText) {
        text.block("extension \(plan.typeName) {") { text in
            let checked = plan.properties.compactMap { property in Self.check(property).map { (property, $0) } }
            for (property, check) in checked {
                let format = SwiftText.literal(check.format)
                text.line("private static let \(property.name)\(check.kind)s = \(check.kind)Format(\(format))")
            }
            if !checked.isEmpty { text.line() }
            text.doc("Writes the attributes, keys of the table and of its indexes included.")
            text.block("\(access)func write(into item: inout ItemWriter) {") { text in
                for (property, check) in checked {
                    let value = property.type.dateText(property.code, isOptional: property.isOptional) ?? property.code
                    let name = SwiftText.literal(property.field.name)
                    text.call(
                        "item.check\(check.kind)(",
                        [name, value, "in: Self.\(property.name)\(check.kind)s"]
                            + (property.field.isMoment ? ["isMoment: true"] : []), ")")
                }
                for key in plan.layout.keys { write(key, &text) }
                for property in plan.properties
                where property.field.isStored && plan.layout.key(named: property.field.name) == nil {
                    write(property, &text)
                }
            }
            text.line()
            text.doc("Reads the attributes; others are skipped.")
            text.block("\(access)init(from item: inout ItemReader) throws(ItemCodingError) {") { text in
                read(plan.properties.map { Reading($0, plan) }, &text)
            }
        }
    }

    /// What an index holds of an item.
    func entry(of index: ContractIndex, _ text: inout SwiftText) {
        let readings = readings(of: index)
        let name = plan.entryName(of: index)
        text.block("extension \(plan.typeName) {") { text in
            text.doc("What the index `\(index.name)` holds of an item.")
            text.block("\(access)struct \(name): ProjectedItem, Hashable {") { text in
                for reading in readings {
                    text.doc("`\(reading.label)`")
                    text.line("\(access)let \(reading.code): \(reading.typeCode)")
                }
                text.line()
                text.doc("Reads the attributes; others are skipped.")
                text.block("\(access)init(from item: inout ItemReader) throws(ItemCodingError) {") { text in
                    read(readings, &text, isMemberwise: false)
                }
            }
        }
    }

    private func readings(of index: ContractIndex) -> [Reading] {
        let keys = [plan.table.partitionKey, plan.table.sortKey, index.partitionKey, index.sortKey].compactMap(\.self)
        var held = Set(keys.map(\.name))
        if case .include(let names) = index.projection { held.formUnion(names) }
        let ofIndex = Set([index.partitionKey.name] + [index.sortKey?.name].compactMap(\.self))
        // A key with a name of its own is read as it is; of others only what they are made of says anything.
        let telling = Set(keys.map(\.name)).filter { !ofIndex.contains($0) || KeyName.isSynthetic($0) }
        var readings = plan.properties.compactMap { property -> Reading? in
            guard var reading = Reading(property, plan, among: held, telling: telling) else { return nil }
            if ofIndex.contains(reading.attribute) { reading.isOptional = false }
            return reading
        }
        // A key that is made of fields, and has a name of its own, is worth reading where its fields are not held.
        for key in plan.layout.keys where ofIndex.contains(key.attribute) && !KeyName.isSynthetic(key.attribute) {
            guard !readings.contains(where: { $0.attribute == key.attribute }) else { continue }
            readings.append(Reading(key))
        }
        return readings.filter { !$0.isOptional } + readings.filter(\.isOptional)
    }

    // MARK: Writing

    /// The format against which the property's dates or numbers can be held as they are written: "Date" or "Number".
    private static func check(_ property: PropertyPlan) -> (kind: String, format: String)? {
        guard property.type.dateText("", isOptional: false) != nil else { return nil }
        if let dates = property.field.dates {
            if case .unreadable = dates.form { return nil }
            return ("Date", dates.source)
        }
        guard let numbers = property.field.numbers, numbers.shape != nil else { return nil }
        return ("Number", numbers.source)
    }

    private func write(_ property: PropertyPlan, _ text: inout SwiftText) {
        let isKey = plan.keyNames.contains(property.field.name)
        let method = property.type.writer(isKey: isKey)
        var value = property.type.written(property.code, isOptional: property.isOptional)
        if let nullText = property.field.nullText, property.isOptional {
            switch property.type {
            // The text itself would be read as none, and be found among those without a value.
            case .string where isKey:
                let field = SwiftText.literal(property.field.name)
                let instead = SwiftText.literal(nullText)
                value = "\(property.code).map { item.part(\(field), $0, insteadOf: \(instead)) } ?? \(instead)"
            case .string, .integerText: value += " ?? \(SwiftText.literal(nullText))"
            case .integer where Int(nullText) != nil: value += " ?? \(nullText)"
            case .number: value += " ?? DynamoDBNumber(\(SwiftText.literal(nullText)))"
            default: break
            }
        }
        text.line("item.\(method)(\(SwiftText.literal(property.field.name)), \(value))")
    }

    private func write(_ key: EntityLayout.Key, _ text: inout SwiftText) {
        guard let condition = key.rule.condition, let property = plan.property(named: condition.field) else {
            return writeKey(key, key.rule.value, insteadOf: nil, &text)
        }
        if !condition.values.isEmpty {
            let tests = condition.values.map { property.type.isEqual(property.code, property.isOptional, to: $0) }
            text.line("if \(tests.joined(separator: " || ")) {")
            text.indented { writeKey(key, key.rule.value, insteadOf: nil, &$0) }
            if key.rule.otherwise != nil {
                text.line("} else {")
                text.indented { writeKey(key, key.rule.otherwise, insteadOf: nil, &$0) }
            }
            return text.line("}")
        }
        let (whenAbsent, whenPresent) =
            condition.isAbsent ? (key.rule.value, key.rule.otherwise) : (key.rule.otherwise, key.rule.value)
        let constant = whenAbsent.flatMap { $0.placeholders.isEmpty ? $0.source : nil }
        // A constant, and nothing else to be made: the key is one expression.
        if whenAbsent == nil, whenPresent != nil {
            return text.block("if \(property.code) != nil {") { writeKey(key, whenPresent, insteadOf: nil, &$0) }
        }
        text.line("if \(property.code) == nil {")
        text.indented { writeKey(key, whenAbsent, insteadOf: nil, &$0) }
        if whenPresent != nil {
            text.line("} else {")
            text.indented { writeKey(key, whenPresent, insteadOf: constant, &$0) }
        }
        text.line("}")
    }

    private func writeKey(
        _ key: EntityLayout.Key, _ template: KeyTemplate?, insteadOf constant: String?, _ text: inout SwiftText
    ) {
        guard let template else { return }
        let name = SwiftText.literal(key.attribute)
        if template.placeholders.isEmpty {
            return text.line("item.key(\(name), \(SwiftText.literal(template.source)))")
        }
        let holes = template.placeholders.compactMap { plan.property(named: $0) }
        if template.pieces.count == 1, let property = holes.first {
            return copy(property, name, constant, isText: key.type == .S, &text)
        }
        // Of a value that may be missing, the key is made where it is there.
        let optional = holes.filter(\.isOptional)
        let arguments = [name, code(template, room: SwiftText.width - 30 - name.count)]
        guard !optional.isEmpty else { return text.call("item.key(", arguments, ")") }
        text.block("if \(optional.map { "let \($0.code)" }.joined(separator: ", ")) {") {
            $0.call("item.key(", arguments, ")")
        }
    }

    /// A key that is a field's value: unchanged, or, where the key is a text and the value is none, as that.
    private func copy(
        _ property: PropertyPlan, _ name: String, _ constant: String?, isText: Bool, _ text: inout SwiftText
    ) {
        let method = property.type.writer(isKey: true)
        guard let constant else {
            if isText, property.type.isNumber || property.type == .binary,
                let value = property.type.keyText(property.isOptional ? "$0" : property.code)
            {
                let written = property.isOptional ? "\(property.code).map { \(value) }" : value
                return text.line("item.key(\(name), \(written))")
            }
            let value = property.type.written(property.code, isOptional: property.isOptional)
            return text.line("item.\(method)(\(name), \(value))")
        }
        let field = SwiftText.literal(property.field.name)
        let instead = SwiftText.literal(constant)
        guard property.isOptional else {
            let value = property.type.keyText(property.code) ?? property.code
            return text.line("item.key(\(name), item.part(\(field), \(value), insteadOf: \(instead)))")
        }
        let value = property.type.keyText("$0") ?? "$0"
        text.call(
            "item.key(", ["\(name)", "\(property.code).map { item.part(\(field), \(value), insteadOf: \(instead)) }"],
            ")")
    }

    /// A template with the properties in it: put together, which costs less than interpolation, or, where that does not fit a
    /// line, a literal, which no line breaks.
    private func code(_ template: KeyTemplate, room: Int) -> String {
        var terms: [String] = []
        var literal = ""
        for (place, piece) in template.pieces.enumerated() {
            switch piece {
            case .literal(let text):
                terms.append(SwiftText.literal(text))
                literal += SwiftText.literal(text).dropFirst().dropLast()
            case .placeholder(let name):
                guard let property = plan.property(named: name) else { continue }
                let value = property.type.keyText(property.code) ?? property.code
                var part = "item.part(\(SwiftText.literal(name)), \(value)"
                if place + 2 < template.pieces.count, case .literal(let text) = template.pieces[place + 1] {
                    part += ", before: \(SwiftText.literal(text))"
                }
                terms.append(part + ")")
                literal += "\\(\(part)))"
            }
        }
        let sum = terms.joined(separator: " + ")
        return sum.count <= room ? sum : "\"\(literal)\""
    }

    // MARK: Reading

    /// Where a property is read from.
    struct Reading {
        /// The attribute that is read.
        var attribute: String
        /// What it is called in documentation.
        var label: String
        var code: String
        var name: String
        /// The name as an argument's label.
        var argument: String
        var type: SwiftType
        var isOptional: Bool
        /// The reader's call.
        var call: String
        /// Of a part of a key: which, and the key's form.
        var place = 0
        var form = ""

        var typeCode: String { type.name + (isOptional ? "?" : "") }

        /// A property of which an entry of an index has the attribute, or a key that tells it; nil where it has neither.
        init?(_ property: PropertyPlan, _ plan: EntityPlan, among held: Set<String>, telling: Set<String>) {
            self.init(property, plan)
            guard !held.contains(attribute) else { return }
            for key in plan.layout.keys where telling.contains(key.attribute) && key.rule.condition == nil {
                guard let template = key.rule.value, template.adjacentHoles == nil,
                    let place = template.placeholders.firstIndex(of: property.field.name),
                    let call = Self.call(for: property, at: place, of: template, in: key)
                else { continue }
                (attribute, self.place, form) = (key.attribute, place, Self.form(of: template))
                (self.call, isOptional) = (call, false)
                return
            }
            return nil
        }

        private static func call(
            for property: PropertyPlan, at place: Int, of template: KeyTemplate, in key: EntityLayout.Key
        ) -> String? {
            let isWhole = template.pieces.count == 1
            if isWhole, key.type == property.field.type { return property.type.reader(nullText: nil) }
            guard key.type == .S else { return nil }
            if let part = isWhole ? "string()" : part(at: place, of: template) {
                return property.type.value(ofKeyText: part)
            }
            return property.type.value(ofKeyText: "parts(of: \(SwiftText.literal(form(of: template))))", at: place)
        }

        private static func form(of template: KeyTemplate) -> String {
            template.pieces.map { if case .literal(let text) = $0 { text } else { "{}" } }.joined()
        }

        /// The call that reads what stands behind a fixed text, where the template is just that.
        private static func part(at place: Int, of template: KeyTemplate) -> String? {
            guard template.pieces.count == 2, place == 0, case .literal(let prefix) = template.pieces[0] else {
                return nil
            }
            return "part(after: \(SwiftText.literal(prefix)))"
        }

        init(_ property: PropertyPlan, _ plan: EntityPlan) {
            attribute = property.field.name
            label = property.field.name
            code = property.code
            name = property.name
            argument = property.label
            type = property.type
            isOptional = property.isOptional
            call = property.type.reader(nullText: property.field.nullText)
            guard !property.field.isStored else { return }
            guard let (key, template) = Self.key(holding: property, plan) else { return }
            attribute = key.attribute
            place = template.placeholders.firstIndex(of: property.field.name) ?? 0
            form = Self.form(of: template)
            if template.pieces.count == 1 {
                let constant = key.rule.templates.first { $0.placeholders.isEmpty }
                call = property.type.reader(nullText: constant?.source)
            } else {
                call = Self.part(at: place, of: template) ?? "parts(of: \(SwiftText.literal(form)))?[\(place)]"
            }
        }

        /// A key that is made of fields.
        init(_ key: EntityLayout.Key) {
            attribute = key.attribute
            label = key.attribute
            name = SwiftName.property(key.attribute)
            code = SwiftName.escaped(name)
            argument = name
            type = key.type == .N ? .number : key.type == .B ? .binary : .string
            isOptional = false
            call = type.reader(nullText: nil)
        }

        /// The key that tells a field: one that is a copy of it, else the first that can be taken apart.
        private static func key(
            holding property: PropertyPlan, _ plan: EntityPlan
        ) -> (EntityLayout.Key, KeyTemplate)? {
            var found: [(EntityLayout.Key, KeyTemplate)] = []
            for key in plan.layout.keys {
                for template in key.rule.templates where template.placeholders.contains(property.field.name) {
                    found.append((key, template))
                }
            }
            return found.first { $0.1.pieces.count == 1 } ?? found.first { $0.1.adjacentHoles == nil }
        }
    }

    private func read(_ readings: [Reading], _ text: inout SwiftText, isMemberwise: Bool = true) {
        for reading in readings { text.line("var \(reading.code): \(reading.type.name)?") }
        text.block("while let attribute = try item.next() {") { text in
            text.line("switch attribute {")
            var attributes: [String] = []
            for reading in readings where !attributes.contains(reading.attribute) {
                attributes.append(reading.attribute)
            }
            for attribute in attributes {
                let ones = readings.filter { $0.attribute == attribute }
                if ones.count == 1 {
                    text.line("case \(SwiftText.literal(attribute)): \(ones[0].code) = try item.\(ones[0].call)")
                    continue
                }
                text.line("case \(SwiftText.literal(attribute)):")
                text.indented { text in
                    text.line("let parts = try item.parts(of: \(SwiftText.literal(ones[0].form)))")
                    for one in ones {
                        let part = one.type.value(ofKeyText: "parts", at: one.place) ?? "parts?[\(one.place)]"
                        text.line("\(one.code) = \(part)")
                    }
                }
            }
            text.line("default: try item.skip()")
            text.line("}")
        }
        let values = readings.map { reading in
            reading.isOptional
                ? reading.code : "try item.required(\(reading.code), \(SwiftText.literal(reading.label)))"
        }
        if isMemberwise {
            text.list("self.init(", zip(readings, values).map { "\($0.argument): \($1)" }, ")")
        } else {
            for (reading, value) in zip(readings, values) { text.line("self.\(reading.name) = \(value)") }
        }
    }
}
