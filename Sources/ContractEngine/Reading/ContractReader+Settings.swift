internal import ContractModel

/// What a contract may say of a table besides keys and attributes.
extension ContractReader {
    static let settingFields: Set<String> = [
        "billing_mode", "ttl", "ttl_attribute", "time_to_live", "time_to_live_attribute", "point_in_time_recovery",
        "deletion_protection", "tags",
    ]

    mutating func readSettings(_ entry: DocumentNode, marks: inout TableMarks) -> TableSettings {
        var settings = TableSettings(
            pointInTimeRecovery: flag("point_in_time_recovery", in: entry, of: "a table"),
            deletionProtection: flag("deletion_protection", in: entry, of: "a table"))
        if let mode = entry.first("billing_mode") {
            settings.billingMode = mode.stringValue.flatMap { TableSettings.BillingMode(rawValue: $0.uppercased()) }
            if settings.billingMode == nil {
                problem(mode, "`billing_mode` must be PAY_PER_REQUEST (which is on demand) or PROVISIONED")
            }
        }
        if let given = entry.first("ttl_attribute", "ttl", "time_to_live_attribute", "time_to_live") {
            let named = given.first("attribute", "attribute_name") ?? given
            settings.timeToLiveAttribute = named.stringValue
            marks.timeToLive = named.position
            if named.stringValue == nil {
                problem(named, "the time to live is \(named.kindName); name the attribute that holds it")
            }
        }
        for tag in entry["tags"]?.objectValue ?? [] { settings.tags[tag.name] = tag.value.scalarText }
        return settings
    }

    /// The reasons that the contract itself gives for a table or an index.
    mutating func readReasons(_ element: DocumentNode) -> [DesignReason] {
        (element.objectValue ?? []).compactMap { member in
            guard let topic = DesignWords.fields[member.name], !member.value.isNull else { return nil }
            let text = Markdown.plain(member.value.scalarText ?? member.value.jsonText)
            return DesignReason(topic: topic, text: text, file: file, line: member.value.line)
        }
    }
}

/// The words by which contracts and data models give reasons.
enum DesignWords {
    /// Members of a table or an index in the contract.
    static let fields: [String: DesignReason.Topic] = [
        "purpose": .purpose, "rationale": .purpose, "design_notes": .purpose, "distribution_strategy": .distribution,
        "partition_strategy": .distribution, "hot_partition": .hotPartition, "hot_partition_risk": .hotPartition,
        "hot_partition_notes": .hotPartition, "hot_partition_mitigation": .hotPartition, "sparse": .sparseness,
        "migration_notes": .migration, "consistency": .consistency, "projection_rationale": .projection,
    ]

    /// Members that are for people only, and of which nothing needs to be said.
    static func isForPeople(_ name: String) -> Bool {
        ["description", "comment", "comments", "notes", "note", "version", "title", "author"].contains(
            name.lowercased())
            || name.hasPrefix("$") || name.hasPrefix("_")
    }

    /// What the first words of a bullet of the data model are about: "Partition Key", "⚠️ Hot Partition Risk".
    static func topic(ofHeading text: String) -> DesignReason.Topic? {
        let lower = text.lowercased()
        let words: [(String, DesignReason.Topic)] = [
            ("hot partition", .hotPartition), ("distribution", .distribution), ("sharding", .distribution),
            ("purpose", .purpose), ("partition key", .partitionKey), ("sort key", .sortKey),
            ("projection", .projection), ("sparse", .sparseness), ("denormali", .denormalization),
            ("migration", .migration), ("cost", .cost), ("consistency", .consistency),
        ]
        return words.first { lower.contains($0.0) }?.1
    }
}
