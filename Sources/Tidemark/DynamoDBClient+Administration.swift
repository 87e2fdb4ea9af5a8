internal import AWSCore
internal import JSONBytes

extension DynamoDBClient {
    // MARK: Time to live

    /// Says whether DynamoDB deletes the table's items when their time has come.
    public func describeTimeToLive(
        _ table: String, options: CallOptions = CallOptions()
    ) async throws(TidemarkError) -> TimeToLive {
        try await administer(
            .describeTimeToLive, table: table, options: options, read: AdministrationReader.timeToLive)
    }

    /// Begins to switch the deletion of items by their time on or off; takes up to an hour.
    ///
    /// - Parameters:
    ///   - attribute: the number attribute with the time in seconds since 1970. To switch off, the one that is on.
    ///   - isEnabled: default true.
    /// - Throws: `validation` when it is so already, or was changed less than an hour ago.
    @discardableResult
    public func updateTimeToLive(
        _ table: String, attribute: String, isEnabled: Bool = true, options: CallOptions = CallOptions()
    ) async throws(TidemarkError) -> TimeToLive {
        try await administer(.updateTimeToLive, table: table, options: options) { json in
            json.key("TimeToLiveSpecification")
            json.beginObject()
            json.member("AttributeName", attribute)
            json.member("Enabled", isEnabled)
            json.endObject()
        } read: { body in
            AdministrationReader.timeToLive(body)
        }
    }

    // MARK: Tags

    /// The tags of a table, all pages of them.
    ///
    /// - Parameter arn: the table's ARN (`TableDescription.arn`).
    public func tags(ofResource arn: String, options: CallOptions = CallOptions()) async throws(TidemarkError)
        -> [String: String]
    {
        var tags: [String: String] = [:]
        var token: String?
        repeat {
            let start = token
            let page = try await administer(.listTagsOfResource, options: options) { json in
                json.member("ResourceArn", arn)
                if let start { json.member("NextToken", start) }
            } read: { body in
                AdministrationReader.tags(body).map { (tags: $0, next: body["NextToken"]?.stringValue) }
            }
            tags.merge(page.tags) { $1 }
            token = page.next
        } while token != nil
        return tags
    }

    /// Puts tags on a table, in place of those with the same names.
    public func tagResource(
        _ arn: String, tags: [String: String], options: CallOptions = CallOptions()
    ) async throws(TidemarkError) {
        try await administer(.tagResource, options: options) { json in
            json.member("ResourceArn", arn)
            TableWriter.write(tags: tags, into: &json)
        } read: { _ in
            ()
        }
    }

    /// Takes the tags with these names off a table.
    public func untagResource(
        _ arn: String, names: [String], options: CallOptions = CallOptions()
    ) async throws(TidemarkError) {
        try await administer(.untagResource, options: options) { json in
            json.member("ResourceArn", arn)
            json.key("TagKeys")
            json.beginArray()
            for name in names { json.string(name) }
            json.endArray()
        } read: { _ in
            ()
        }
    }

    // MARK: Backups

    /// Says what the table can be restored to.
    public func describeContinuousBackups(
        _ table: String, options: CallOptions = CallOptions()
    ) async throws(TidemarkError) -> ContinuousBackups {
        try await administer(
            .describeContinuousBackups, table: table, options: options, read: AdministrationReader.continuousBackups)
    }

    /// Switches the recovery to any second of the last days on or off.
    ///
    /// - Parameter recoveryPeriodInDays: 1 to 35; DynamoDB's default, 35, where none is given.
    @discardableResult
    public func updateContinuousBackups(
        _ table: String, isPointInTimeRecoveryEnabled: Bool, recoveryPeriodInDays: Int? = nil,
        options: CallOptions = CallOptions()
    ) async throws(TidemarkError) -> ContinuousBackups {
        try await administer(.updateContinuousBackups, table: table, options: options) { json in
            json.key("PointInTimeRecoverySpecification")
            json.beginObject()
            json.member("PointInTimeRecoveryEnabled", isPointInTimeRecoveryEnabled)
            if let recoveryPeriodInDays { json.member("RecoveryPeriodInDays", recoveryPeriodInDays) }
            json.endObject()
        } read: { body in
            AdministrationReader.continuousBackups(body)
        }
    }

    // MARK: Contributor insights

    /// Says whether CloudWatch counts the most used keys of a table, or of an index.
    public func describeContributorInsights(
        _ table: String, index: String? = nil, options: CallOptions = CallOptions()
    ) async throws(TidemarkError) -> ContributorInsights {
        try await administer(.describeContributorInsights, table: table, index: index, options: options) { json in
            if let index { json.member("IndexName", index) }
        } read: { body in
            AdministrationReader.contributorInsights(body)
        }
    }

    /// Begins to switch the counting of the most used keys on or off.
    @discardableResult
    public func updateContributorInsights(
        _ table: String, index: String? = nil, isEnabled: Bool, options: CallOptions = CallOptions()
    ) async throws(TidemarkError) -> ContributorInsights {
        try await administer(.updateContributorInsights, table: table, index: index, options: options) { json in
            if let index { json.member("IndexName", index) }
            json.member("ContributorInsightsAction", isEnabled ? "ENABLE" : "DISABLE")
        } read: { body in
            AdministrationReader.contributorInsights(body)
        }
    }

    /// All tables and indexes, or those of one table, with whether their keys are counted; in pages.
    public func contributorInsightsPages(
        table: String? = nil, options: CallOptions = CallOptions()
    ) -> Pages<[ContributorInsights]> {
        Pages { position async throws(TidemarkError) in
            let page = try await self.administer(
                .listContributorInsights, table: table ?? "", options: options
            ) { json in
                if let token = position?.token { json.member("NextToken", token) }
            } read: { body in
                let entries = (body["ContributorInsightsSummaries"]?.arrayValue ?? []).compactMap(
                    AdministrationReader.contributorInsights)
                return (entries: entries, next: body["NextToken"]?.stringValue)
            }
            return (page.entries, page.next.map(Pages<[ContributorInsights]>.Position.token))
        }
    }

    // MARK: The account

    /// The provisioned capacity that the account may have in the region.
    public func describeLimits(options: CallOptions = CallOptions()) async throws(TidemarkError) -> AccountLimits {
        try await administer(.describeLimits, options: options, read: AdministrationReader.limits)
    }

    /// The hosts that serve DynamoDB in the region.
    public func describeEndpoints(
        options: CallOptions = CallOptions()
    ) async throws(TidemarkError) -> [ServiceEndpoint] {
        try await administer(.describeEndpoints, options: options, read: AdministrationReader.endpoints)
    }

    // MARK: The way of them all

    /// Sends a request about a table, or about none, and reads the answer's tree.
    private func administer<Value: Sendable>(
        _ operation: Operation, table: String = "", index: String? = nil, options: CallOptions,
        write: (inout JSONWriter) -> Void = { _ in }, read: (JSONValue) -> Value?
    ) async throws(TidemarkError) -> Value {
        let site = CallSite(operation: operation, table: table, index: index ?? "", options: options)
        return try await perform(site) { () throws(ItemProblem) in
            var writer = RequestWriter.plain()
            if !table.isEmpty { try writer.table(table) }
            write(&writer.json)
            return writer.finish(keys: [])
        } decode: { response throws(JSONError) in
            // TagResource and its like answer with nothing at all.
            let body: JSONValue = response.body.isEmpty ? .object([]) : try JSONValue.parse(response.body)
            guard let value = read(body) else {
                throw JSONError(offset: 0, in: response.body, reason: "an answer to \(operation.name) was expected")
            }
            return AdministrationAnswer(value: value)
        }.value
    }
}
