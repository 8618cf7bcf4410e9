// The healthy client, in a process of its own.
import { answerRequests } from "../answering.ts";
import { Client } from "./client.ts";

const client = new Client();

answerRequests((request: Parameters<Client["perform"]>[0]) => client.perform(request));
